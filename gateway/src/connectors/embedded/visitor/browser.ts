/** Which browser on which system a user agent claims to be; told to staff, never relied on. */
export interface Browser {
  readonly browser?: string;
  readonly platform?: string;
}

/** The first that matches: browsers name those that they are like after themselves. */
const BROWSERS: readonly (readonly [name: string, token: RegExp])[] = [
  ['Edge', /\bEdg(?:A|iOS)?\/(\d{1,4})/u],
  ['Opera', /\bOPR\/(\d{1,4})/u],
  ['Samsung Internet', /\bSamsungBrowser\/(\d{1,4})/u],
  ['Vivaldi', /\bVivaldi\/(\d{1,4})/u],
  ['Firefox', /\b(?:Firefox|FxiOS)\/(\d{1,4})/u],
  ['Chrome', /\b(?:Chrome|CriOS|Chromium)\/(\d{1,4})/u],
  ['Safari', /\bVersion\/(\d{1,4})[.\d]* (?:Mobile\/\w{1,16} )?Safari\//u],
];
const PLATFORMS: readonly (readonly [name: string, token: RegExp])[] = [
  ['iPhone', /\biPhone\b/u],
  ['iPad', /\biPad\b/u],
  ['Android', /\bAndroid\b/u],
  ['ChromeOS', /\bCrOS\b/u],
  ['Windows', /\bWindows NT\b/u],
  ['macOS', /\bMacintosh\b/u],
  ['Linux', /\bLinux\b/u],
];

export function readUserAgent(userAgent: string | undefined): Browser {
  const text = userAgent?.slice(0, 512) ?? '';
  const platform = PLATFORMS.find(([, token]) => token.test(text))?.[0];
  for (const [name, token] of BROWSERS) {
    const version = token.exec(text)?.[1];
    if (version !== undefined) return { browser: `${name} ${version}`, ...(platform !== undefined && { platform }) };
  }
  return platform === undefined ? {} : { platform };
}
