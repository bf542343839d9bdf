/*
 * The carrier's own reader of manifests: positions counted from 1, as its interface description has them. It shares nothing with the
 * gateway's codecs, so that what they write is checked by somebody else.
 */

export interface ManifestParcel {
  readonly number: number;
  readonly grams: number;
  readonly label: string;
}

export interface ManifestShipment {
  readonly reference: string;
  readonly shipmentId: string;
  readonly service: string;
  readonly parcelCount: number;
  readonly name: string;
  readonly street: string;
  readonly postcode: string;
  readonly city: string;
  readonly country: string;
  readonly parcels: ManifestParcel[];
}

export interface Manifest {
  readonly depot: string;
  readonly number: number;
  /** `20261121`; zeros when there is none, as it becomes part of a name. */
  readonly date: string;
  readonly shipments: readonly ManifestShipment[];
  /** Why the whole of it cannot be taken; null when it can. */
  readonly broken: { readonly code: 'M001' | 'M003' | 'M004'; readonly field: string; readonly reason: string } | null;
}

const lengths: Readonly<Record<string, number>> = { H: 66, S: 175, P: 68, T: 25 };

/** Characters `from` to `to`, both counted in and from 1. */
const at = (line: string, from: number, to: number): string => line.slice(from - 1, to).trimEnd();
/** Not a number unless every position has a digit. */
const digits = (line: string, from: number, to: number): number =>
  /^\d+$/.test(line.slice(from - 1, to)) ? Number(line.slice(from - 1, to)) : Number.NaN;

/** Reads a manifest as far as it can be read. `name` is the file's. */
export function readManifest(name: string, bytes: Buffer): Manifest {
  const text = bytes.toString('latin1');
  const lines = text.split('\r\n');
  const shipments: ManifestShipment[] = [];
  let [depot, number, date] = ['', Number.NaN, '00000000'];
  let broken: Manifest['broken'] = null;
  const fails = (code: 'M001' | 'M003' | 'M004', field: string, reason: string): void => void (broken ??= { code, field, reason });
  if (lines.pop() !== '') fails('M001', 'line', 'the last line has no end');
  lines.forEach((line, index) => {
    const kind = line.charAt(0);
    const place = `line ${index + 1}`;
    if (line.length !== lengths[kind]) return fails('M001', 'line', `${place} has ${line.length} characters`);
    if (/\p{Cc}/u.test(line)) return fails('M001', 'line', `${place} has a control character`);
    if ((kind === 'H') !== (index === 0) || (kind === 'T') !== (index === lines.length - 1)) return fails('M001', 'line', `${place} is out of order`);
    if (kind === 'H') {
      depot = at(line, 10, 12);
      number = digits(line, 13, 18);
      if (Number.isNaN(digits(line, 19, 26))) fails('M001', 'date', `${place} has no date`);
      else date = at(line, 19, 26);
      if (at(line, 27, 66) !== name) fails('M004', 'file', `the header names ${at(line, 27, 66)}`);
    } else if (kind === 'S') {
      shipments.push({
        reference: at(line, 2, 37),
        shipmentId: at(line, 38, 57),
        service: at(line, 58, 60),
        parcelCount: digits(line, 61, 63),
        name: at(line, 64, 98),
        street: at(line, 99, 133),
        postcode: at(line, 134, 143),
        city: at(line, 144, 173),
        country: at(line, 174, 175),
        parcels: [],
      });
    } else if (kind === 'P') {
      const shipment = shipments.at(-1);
      if (shipment === undefined || shipment.reference !== at(line, 2, 37)) return fails('M001', 'reference', `${place} belongs to no shipment`);
      shipment.parcels.push({ number: digits(line, 38, 40), grams: digits(line, 41, 48), label: at(line, 49, 68) });
    }
    return undefined;
  });
  const trailer = lines.at(-1) ?? '';
  const parcels = shipments.flatMap((shipment) => shipment.parcels);
  const grams = parcels.reduce((sum, parcel) => sum + parcel.grams, 0);
  if (trailer.charAt(0) !== 'T') fails('M001', 'line', 'there is no trailer');
  for (const [field, said, counted] of [
    ['shipments', digits(trailer, 2, 7), shipments.length],
    ['parcels', digits(trailer, 8, 13), parcels.length],
    ['weight', digits(trailer, 14, 25), grams],
  ] as const)
    if (said !== counted) fails('M003', field, `the trailer says ${said}, the manifest has ${counted}`);
  if (Number.isNaN(number)) fails('M001', 'number', 'the header has no number');
  return { depot, number, date, shipments, broken };
}
