/** Envelopes written by hand, for peers and judges that must not be proven by the codec they are to judge. */

export const soap11 = 'http://schemas.xmlsoap.org/soap/envelope/';
export const soap12 = 'http://www.w3.org/2003/05/soap-envelope';

const prefixes = [
  'xmlns:o="urn:gatehouse:test:orders"',
  'xmlns:c="urn:gatehouse:test:catalog"',
  'xmlns:a="urn:gatehouse:test:accounts"',
  'xmlns:t="urn:gatehouse:test:accounts:types"',
  'xmlns:l="urn:gatehouse:test:legacy"',
  'xmlns:d="urn:gatehouse:test:archive"',
  'xmlns:xsi="http://www.w3.org/2001/XMLSchema-instance"',
  'xmlns:xs="http://www.w3.org/2001/XMLSchema"',
  'xmlns:enc="http://schemas.xmlsoap.org/soap/encoding/"',
].join(' ');

/** The prefixes o, c, a, t, l, d of our test WSDLs, and xsi, xs, enc, s, are declared. */
export function envelope(body: string, { version = soap11, header = '' }: { version?: string; header?: string } = {}): string {
  const head = header === '' ? '' : `<s:Header>${header}</s:Header>`;
  return `<?xml version="1.0" encoding="UTF-8"?>\n<s:Envelope xmlns:s="${version}" ${prefixes}>${head}<s:Body>${body}</s:Body></s:Envelope>`;
}

/** Every type that orders.wsdl knows, in the spelling that PHP gives back, so that an echo of it can be compared as text. */
export function order(externalId: string, changed: Readonly<Record<string, string>> = {}): string {
  const parts: Record<string, string> = {
    externalId: `<o:externalId>${externalId}</o:externalId>`,
    customer:
      '<o:customer id="C1" vip="true" rating="A+"><o:name>Müller &amp; Söhne &lt;AG&gt;</o:name><o:country>DE</o:country><o:vatId>DE1</o:vatId><o:founded>1870</o:founded><o:bic>DEUTDEFF</o:bic></o:customer>',
    payer: '<o:payer id="P1" xsi:type="o:Company"><o:name>Payer</o:name><o:vatId>FR2</o:vatId></o:payer>',
    placedOn: '<o:placedOn>2026-03-01-05:00</o:placedOn>',
    placedAt: '<o:placedAt>2026-07-01T12:00:00Z</o:placedAt>',
    urgent: '<o:urgent>true</o:urgent>',
    serial: '<o:serial>9223372036854775807</o:serial>',
    total: '<o:total>123456789012345678.123456</o:total>',
    currency: '<o:currency>EUR</o:currency>',
    count: '<o:count>9007199254740993</o:count>',
    tags: '<o:tags>red green blue</o:tags>',
    note: '<o:note xsi:nil="true"/>',
    approvedBy: '<o:approvedBy xsi:nil="true"/>',
    document: '<o:document>AAEC/w==</o:document>',
    digest: '<o:digest>00FF</o:digest>',
    gross: '<o:gross unit="kg">1.50</o:gross>',
    payment: '<o:card><o:number>4111</o:number><o:expires>2030-01</o:expires></o:card>',
    address: '<c:address kind="home"><street>  two  spaces </street><city>Genève</city></c:address>',
    lines: `<o:lines>${line(1)}${line(2)}</o:lines>`,
    remark: '<o:remark>only one</o:remark>',
    bundle: '<o:bundle weight="1.0"><o:name>root</o:name><o:node><o:name>leaf</o:name><o:node><o:name>deeper</o:name></o:node></o:node></o:bundle>',
    ...changed,
  };
  return `<o:order channel="web" revision="2">${Object.values(parts).join('')}</o:order>`;
}

function line(no: number): string {
  return `<o:line no="${no}"><o:sku>SKU-${no}</o:sku><o:quantity>${no}</o:quantity><o:price>${no}.10</o:price></o:line>`;
}
