/** Whether a URL leads back to one of our short domains, by whatever name of host, port or `www` it is written. */
export const isOwn = (url: URL, own: readonly string[]): boolean =>
  own.some((domain) => {
    const mine = URL.parse(`${url.protocol}//${domain}`);
    if (!mine) return false;
    return url.host === mine.host || url.host === `www.${mine.host}`;
  });
