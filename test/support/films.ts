/** A recording of 80 × 24 with these events. */
export const film = (...events: readonly (readonly [number, string, string])[]): string =>
  ['{"version":2,"width":80,"height":24}', ...events.map((event) => JSON.stringify(event)), ''].join('\n');

/** What a host may paint that wants more than a screen: titles, the clipboard, answers, the mouse, the printer. */
export const hostile = film(
  [0, 'o', '\x1b]0;PWNED\x07\x1b]52;c;UFdORUQ=\x07MENU OF THE HOST \x1b[c\x1b[6n\x1b[?1000h\x1b[5i\x1bP+q544e\x1b\\'],
  [0.1, 'm', '{"map":"menu\\u001b]0;PWNED\\u0007","step":1}'],
  [0.2, 'i', '42'],
  [0.2, 'm', '{"typed":"choice"}'],
  [0.3, 'm', '{"pressed":"enter"}'],
  [0.4, 'o', '\x1b[2J\x1b[HSECOND SCREEN'],
  [0.5, 'm', '{"waited":"met","condition":"second","why":"\'second\' is met","afterMs":100}'],
);
