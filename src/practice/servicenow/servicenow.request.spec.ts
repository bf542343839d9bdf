import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { readRequest } from './servicenow.request.ts';

const envelope = (body: string): string =>
  `<?xml version="1.0"?><s:Envelope xmlns:s="http://schemas.xmlsoap.org/soap/envelope/"><s:Header><a><b><c>no</c></b></a></s:Header><s:Body>${body}</s:Body></s:Envelope>`;

describe('the request as the practice system reads it', () => {
  it('has the call and its fields, whatever XML they are spelled in', () => {
    const spelled = `<i:update xmlns:i='http://www.service-now.com/incident'><!-- <x>1</x> --><sys_id>a1</sys_id><work_notes><![CDATA[<b>]]>&amp;&#228;&#x20AC;</work_notes><comments/></i:update>`;
    expect(readRequest(envelope(spelled))).toEqual({ call: 'update', fields: { sys_id: 'a1', work_notes: '<b>&ä€', comments: '' } });
  });

  it.each(['', 'text', '<a>', '<a></b>', envelope(''), envelope('<insert><a>1</insert>'), envelope('<insert')])('%j is none', (text) =>
    expect(readRequest(text)).toBeNull(),
  );

  it('is read or refused, and never throws', () => {
    const piece = fc.constantFrom('<a>', '</a>', '<a/>', '<![CDATA[', ']]>', '&#x110000;', '&#9999999;', '&amp;', '"', '<!--', 'text', ' b="');
    fc.assert(
      fc.property(fc.array(piece, { maxLength: 30 }), (pieces) => {
        readRequest(envelope(`<insert>${pieces.join('')}</insert>`));
        readRequest(pieces.join(''));
      }),
    );
  });
});
