// Scripts that host names are written in; a letter of any other script counts as its own kind.
const SCRIPTS = [
  ["Latn", /\p{Script_Extensions=Latin}/u],
  ["Cyrl", /\p{Script_Extensions=Cyrillic}/u],
  ["Grek", /\p{Script_Extensions=Greek}/u],
  ["Hani", /\p{Script_Extensions=Han}/u],
  ["Hira", /\p{Script_Extensions=Hiragana}/u],
  ["Kana", /\p{Script_Extensions=Katakana}/u],
  ["Hang", /\p{Script_Extensions=Hangul}/u],
  ["Bopo", /\p{Script_Extensions=Bopomofo}/u],
  ["Armn", /\p{Script_Extensions=Armenian}/u],
  ["Hebr", /\p{Script_Extensions=Hebrew}/u],
  ["Arab", /\p{Script_Extensions=Arabic}/u],
  ["Deva", /\p{Script_Extensions=Devanagari}/u],
  ["Thai", /\p{Script_Extensions=Thai}/u],
  ["Cher", /\p{Script_Extensions=Cherokee}/u],
] as const;

// UTS 39, 5.2 "Highly Restrictive": one script, or Latin with one of these East Asian writing systems.
const ALLOWED = [
  ["Latn", "Hani", "Hira", "Kana"],
  ["Latn", "Hani", "Bopo"],
  ["Latn", "Hani", "Hang"],
];

// Letters that look Latin (Unicode confusables.txt): a whole label of them passes for a Latin one, as in аррӏе.com.
const CYRILLIC_AS_LATIN = /^[асԁеһіјӏорԛѕԝхуъЬҽпгѵѡ\d-]+$/;
const GREEK_AS_LATIN = /^[αικνορτυωγ\d-]+$/;

const scriptsOf = (letter: string): readonly string[] => {
  const found = SCRIPTS.filter(([, pattern]) => pattern.test(letter)).map(([name]) => name);
  return found.length > 0 ? found : ["other"];
};

const mixesScripts = (label: string): boolean => {
  const letters = [...label].filter((char) => !/\p{Script=Common}|\p{Script=Inherited}/u.test(char));
  const kinds = letters.map(scriptsOf);
  const one = kinds[0]?.find((script) => kinds.every((kind) => kind.includes(script)));
  if (kinds.length === 0 || one !== undefined) return false;
  return !ALLOWED.some((set) => kinds.every((kind) => kind.some((script) => set.includes(script))));
};

/**
 * Whether a host (in Unicode) can be mistaken for another: a label mixes scripts (UTS 39, section 5.2), or a label below a
 * Latin top-level domain is written entirely in letters that look Latin (the check browsers make before showing Unicode).
 */
export const isLookalike = (host: string): boolean => {
  const labels = host.split(".");
  const latinTop = /^[a-z\d-]+$/i.test(labels.at(-1) ?? "");
  return labels.some((label) => {
    if (/^[a-z\d-]*$/i.test(label)) return false;
    if (mixesScripts(label)) return true;
    return latinTop && /\p{L}/u.test(label) && (CYRILLIC_AS_LATIN.test(label) || GREEK_AS_LATIN.test(label));
  });
};
