// Before the first paint, so that a chosen theme never flashes. A file of its own: the page's CSP allows no inline script.
try {
  const theme = localStorage.getItem("tenfold.theme");
  if (theme === "light" || theme === "dark") document.documentElement.dataset.theme = theme;
} catch {
  // Storage is off: the system's theme holds.
}
