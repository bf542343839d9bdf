/** A line of a reply file: what became of one shipment. */
export type ReplyLine =
  | { readonly reference: string; readonly shipmentId: string; readonly trackingNumber: string }
  | { readonly reference: string; readonly shipmentId: string; readonly code: string; readonly field: string; readonly reason: string };

const cell = (text: string, width: number): string => text.slice(0, width).padEnd(width);
const count = (value: number): string => String(value).padStart(6, '0');

/** A reply file, byte for byte. `trailerMore`: what its trailer counts too many. */
export function replyFile(number: number, date: string, lines: readonly ReplyLine[], trailerMore = 0): Buffer {
  const accepted = lines.filter((line) => 'trackingNumber' in line).length;
  const written = [
    `H${cell('PRACTICE', 8)}${count(number)}${cell(date, 8)}`,
    ...lines.map((line) =>
      'trackingNumber' in line
        ? `A${cell(line.reference, 36)}${cell(line.shipmentId, 20)}${cell(line.trackingNumber, 20)}`
        : `R${cell(line.reference, 36)}${cell(line.shipmentId, 20)}${cell(line.code, 4)}${cell(line.field, 12)}${cell(line.reason, 60)}`,
    ),
    `T${count(accepted + trailerMore)}${count(lines.length - accepted)}`,
  ];
  return Buffer.from(written.map((line) => `${line}\r\n`).join(''), 'latin1');
}
