/**
 * What must not get into a query by example. ServiceNow reads operators out of plain columns (`<state>^NE^3</state>` asks for all others),
 * and runs a value that begins with `javascript:`. `=` is plain text there.
 * @see https://servicenowgems.com/2016/07/12/soap-direct-web-services-query/
 */
export const queryValue = /^(?!\s*javascript:)[^^\p{Cc}]+$/iu;

export const isQueryValue = (value: string): boolean => queryValue.test(value);
