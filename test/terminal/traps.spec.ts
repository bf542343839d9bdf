import { readFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { expect, it } from 'vitest';

const root = resolve(import.meta.dirname, '../..');
const ssh = 'test/terminal/ssh.spec.ts';
const telnet = 'test/terminal/telnet.spec.ts';
const tn3270 = 'test/terminal/tn3270.spec.ts';
const real = 'test/terminal/real-programs.spec.ts';
const canary = 'test/terminal/canary.spec.ts';
const session = 'src/transports/terminal/vt/vt.session.spec.ts';
const waits = 'src/transports/terminal/wait.spec.ts';
const typing = 'src/transports/terminal/typing.spec.ts';
const recording = 'src/transports/terminal/recording.spec.ts';
const bounds = 'src/transports/terminal/vt/vt.bounds.spec.ts';

/** What goes wrong with terminals, and the test that fails when its cure is taken away: each was seen to. */
const traps: readonly (readonly [trap: string, file: string, test: string])[] = [
  ['a library leaves Nagle on: 23 keys a second', real, 'a key goes out at once: it does not wait for the answer to the one before'],
  ['keepalive is off unless asked for (SSH)', ssh, 'a half-open connection is found by the keepalive'],
  ['telnet has no keepalive of its own', telnet, 'a half-open host is found by timing marks, a silent one that is there is not given up'],
  ['a socket takes bytes for a host that is gone', session, 'writes nothing after the end, however willing the line is'],
  [
    'a shell on a terminal ends by its channel, without exit status',
    real,
    'a terminal that the host closes without a word is found closed, although the connection stands',
  ],
  ['a library throws errors that nobody listens to, after the session is open', ssh, 'a half-open connection is found by the keepalive'],
  ['a library throws errors that nobody listens to, before it is', ssh, 'a password of every printable character logs in'],
  ['the screen model parses later than it is written to', session, 'a screen is looked at when it shows what came, not before'],
  ['what the host said before it hung up is not parsed yet', session, 'what came before the end is on the last screen, however much it was'],
  ['a character comes in two pieces', session, 'bytes of one character that come apart are one character'],
  ['a host asks the terminal and waits for the answer', ssh, 'the questions of a host are answered'],
  ['cursor keys in the wrong mode cancel a form', session, 'cursor keys follow the mode that the host sets'],
  ['the host takes the terminal for another', real, 'the host is told that the terminal is a %s'],
  ['a clock repaints for ever, and a slow host is quiet too early', ssh, 'a clock that repaints for ever does not keep a screen from settling'],
  ['quiet alone says nothing', waits, 'a wait %s is refused'],
  ['the right text with the cursor elsewhere is a screen half painted', waits, 'is not met when %s, and says so'],
  ['a newline in a name submits the form (VT)', ssh, 'a value with a newline, too long for its place, or where the cursor is not, is not typed'],
  ['a newline in a name submits the form (3270)', tn3270, 'a newline presses no Enter'],
  ['a tab changes the field', tn3270, 'a tab changes no field'],
  ['whatever the value, it fills no cell but its own', typing, 'fills no cell but its own, and presses nothing, whatever it is'],
  ['a host does not show what was typed', session, 'an input that holds something is emptied by its keys first, and what is left over is found'],
  ['the screen from before a key still shows (VT)', ssh, 'the screen from before a key does not satisfy the wait after it'],
  ['the screen from before a key still shows (3270)', tn3270, 'the old screen does not satisfy a wait while the host is at work'],
  ['Enter and PF block without limit while the host is silent', tn3270, 'a silent host blocks nothing'],
  ['String() blocks while the keyboard is locked', tn3270, 'a silent host blocks nothing'],
  ['nothing but killing it frees a child that hangs', tn3270, 'a program that hangs is killed at the deadline'],
  [
    'traces, web server and script port show passwords to others',
    real,
    'gets no trace, no web server, no script port, and nothing of our environment',
  ],
  ['Enter while locked is answered with ok and not sent', tn3270, 'a silent host blocks nothing'],
  [
    'after a disconnect the old screen is shown, with ok',
    tn3270,
    'a host that goes away between screens is found although the old screen still shows',
  ],
  [
    'a value too long spills into the next field, be it a hidden one',
    tn3270,
    'a value longer than its field is refused before the first key and reaches no other field',
  ],
  ['a character outside the code page vanishes with ok', tn3270, 'a character outside the code page does not vanish'],
  ['what was typed is not what stands there', real, 'that says ok and types less than it was told is found out'],
  [
    'the cursor cannot go everywhere, and says ok',
    tn3270,
    'letters are refused in a numeric field, text in a hidden one, a secret in one that shows, anything in a protected one',
  ],
  ['hidden fields show passwords in clear', tn3270, 'a screen has its fields, and nothing of what is hidden'],
  ['the default code page is none that a host has', tn3270, 'every character that code page %s is said to have arrives, and is read back'],
  ['waits go by whole seconds', tn3270, 'a silent host blocks nothing'],
  ['error texts differ between versions', tn3270, 'nobody listening is UNREACHABLE with the errno'],
  ['an operator error looks like a host at work', tn3270, 'a key in a protected place is an operator error, which Reset ends'],
  [
    'a keyboard left locked, a screen that flashes by',
    real,
    'a screen with its keyboard locked satisfies nothing, and one that flashes by is not taken for the next',
  ],
  ['screens have other sizes: 132 columns, a window resized', ssh, '132 columns reach the host, and a new size too'],
  ['screens have other sizes: models 2 to 5', real, 'model %s shows the last cell of %i rows and %i columns, and goes back to 24 by 80'],
  [
    'passwords have every printable character (SSH, telnet)',
    real,
    'a password of every printable character arrives where a screen asks for it, over SSH and telnet',
  ],
  ['passwords have every printable character (3270)', tn3270, 'a password of every printable character arrives as it is'],
  ['a host echoes the password', canary, 'rule 26: a password typed over SSH, echoed by the host and refused elsewhere is in nothing that is left'],
  [
    'a host shows the password back',
    canary,
    'a password typed into a 3270 and shown back in a hidden and in an open field is in nothing that is left',
  ],
  ['a recording shows the secret in another form', recording, 'that shows a secret %s is refused'],
  ['thirteen bytes stop the screen model for minutes', bounds, 'thirteen bytes do not stop the display'],
];

it.each(traps)('%s', (_trap, file, test) => {
  const quoted = readFileSync(join(root, file), 'utf8').replaceAll(/\\(['"`])/g, '$1');
  expect(quoted.includes(`'${test}`) || quoted.includes(`"${test}`)).toBe(true);
});
