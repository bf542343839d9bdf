export const xsdNamespace = 'http://www.w3.org/2001/XMLSchema';
export const xsiNamespace = 'http://www.w3.org/2001/XMLSchema-instance';
export const wsdlNamespace = 'http://schemas.xmlsoap.org/wsdl/';
export const xopNamespace = 'http://www.w3.org/2004/08/xop/include';

/** How a WSDL binds to SOAP, and what messages of that version look like. @see SOAP 1.1; SOAP 1.2 part 1 */
export const soapVersions = {
  '1.1': {
    binding: 'http://schemas.xmlsoap.org/wsdl/soap/',
    envelope: 'http://schemas.xmlsoap.org/soap/envelope/',
    encoding: 'http://schemas.xmlsoap.org/soap/encoding/',
  },
  '1.2': {
    binding: 'http://schemas.xmlsoap.org/wsdl/soap12/',
    envelope: 'http://www.w3.org/2003/05/soap-envelope',
    encoding: 'http://www.w3.org/2003/05/soap-encoding',
  },
} as const;

export type SoapVersion = keyof typeof soapVersions;

export const encodingNamespaces: readonly string[] = [soapVersions['1.1'].encoding, soapVersions['1.2'].encoding];

/** Schemas that messages may use without bringing them along. */
export const wellKnownSchemas: ReadonlySet<string> = new Set([
  xsdNamespace,
  xsiNamespace,
  'http://www.w3.org/XML/1998/namespace',
  'http://www.w3.org/2005/05/xmlmime',
  wsdlNamespace,
  ...encodingNamespaces,
  soapVersions['1.1'].envelope,
  soapVersions['1.2'].envelope,
]);
