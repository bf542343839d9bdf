import { type PickedRecord, pickup, snapshot } from '../../src/transports/file/pickup/pickup.ts';
import { dayText } from './days.ts';
import { AccountStated, CustomerCreated, CustomerDeleted, CustomerUpdated, Movement } from './events.ts';
import { customerFile, statementFile } from './ledger.files.ts';
import { ccsid } from './ledger.layout.ts';
import { type Customer, type Statement } from './ledger.records.ts';

/** Each account of the end-of-day file is told. */
export const statements = pickup({
  name: 'statements',
  codec: statementFile(ccsid),
  produces: [AccountStated],
  businessKey: 'account',
  map: ({ type, value }) => (type === 'statement' ? accountOf(value as unknown as Statement) : null),
});

/** The nightly extract of all customers, compared with the one before. */
export const customers = snapshot({
  name: 'customers',
  codec: customerFile(ccsid),
  produces: [CustomerCreated, CustomerUpdated, CustomerDeleted],
  businessKey: 'customerNumber',
  key: (record) => (record.type === 'customer' ? numberOf(customerOf(record)) : null),
  map: ({ change, key, record }) => {
    if (record === null) return new CustomerDeleted({ customerNumber: key });
    return change === 'created' ? new CustomerCreated(told(customerOf(record))) : new CustomerUpdated(told(customerOf(record)));
  },
});

const accountOf = ({ account, currencyCode, bookedOn, openingBalance, closingBalance, movement }: Statement): AccountStated =>
  new AccountStated({
    account,
    currency: currencyCode,
    bookedOn: dayText(bookedOn),
    openingBalance,
    closingBalance,
    movements: movement.map((each) => new Movement(each)),
  });

const customerOf = ({ value }: PickedRecord): Customer => value as unknown as Customer;
const numberOf = ({ customerNumber }: Customer): string => String(customerNumber).padStart(8, '0');

function told(customer: Customer): CustomerCreated {
  const { personName, companyName = '', accountCount, account, street, postalCode, city, country, creditLimit } = customer;
  return {
    customerNumber: numberOf(customer),
    kind: personName === undefined ? 'company' : 'person',
    name: personName?.familyName ?? companyName,
    ...(personName === undefined ? {} : { givenName: personName.givenName }),
    street,
    postalCode,
    city,
    country,
    creditLimit,
    accounts: account.slice(0, accountCount),
    status: customer.customerStatus === 'A' ? 'active' : 'blocked',
  };
}
