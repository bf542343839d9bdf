/** Values of the records of the four copybooks, as `npx gatehouse types <copybook>` writes them. */

/** Record POSTING-HEADER, 200 bytes. */
export interface PostingHeader {
  /** RECORD-TYPE X(2), 2 bytes at 0 */
  readonly recordType: string;
  /** FILE-KIND X(8), 8 bytes at 2 */
  readonly fileKind: string;
  /** SENDER X(8), 8 bytes at 10 */
  readonly sender: string;
  /** FILE-NUMBER 9(6), 6 bytes at 18 */
  readonly fileNumber: number;
  /** CREATED-ON 9(8), 8 bytes at 24 */
  readonly createdOn: number;
  /** Bytes that the values alone would not bring back; they may be left out. */
  readonly $raw?: Readonly<Record<string, string>>;
}

/** Record POSTING, 200 bytes. */
export interface Posting {
  /** RECORD-TYPE X(2), 2 bytes at 0 */
  readonly recordType: string;
  /** POSTING-ID X(20), 20 bytes at 2 */
  readonly postingId: string;
  /** KIND X, 1 bytes at 22; BOOKING: 'B'; REVERSAL: 'R' */
  readonly kind: 'B' | 'R' | (string & {});
  /** LEG, 11 bytes at 23, 2 times */
  readonly leg: readonly {
    /** SIDE X, 1 bytes at 23; DEBIT: 'D'; CREDIT: 'C' */
    readonly side: 'D' | 'C' | (string & {});
    /** ACCOUNT 9(10), 10 bytes at 24 */
    readonly account: string;
  }[];
  /** AMOUNT S9(13)V99 COMP-3, 8 bytes at 45 */
  readonly amount: string;
  /** CURRENCY-CODE X(3), 3 bytes at 53 */
  readonly currencyCode: string;
  /** VALUE-DATE 9(8), 8 bytes at 56 */
  readonly valueDate: number;
  /** PURPOSE, 108 bytes at 64 */
  readonly purpose?: {
    /** PURPOSE-LINE X(27), 27 bytes at 64, 4 times */
    readonly purposeLine: readonly string[];
  };
  /** REVERSED, 108 bytes at 64, instead of purpose */
  readonly reversed?: {
    /** ORIGINAL-ID X(20), 20 bytes at 64 */
    readonly originalId: string;
    /** REVERSAL-CODE 9(4) COMP, 2 bytes at 84 */
    readonly reversalCode: number;
  };
  /** Bytes that the values alone would not bring back; they may be left out. */
  readonly $raw?: Readonly<Record<string, string>>;
}

/** Record POSTING-TRAILER, 200 bytes. */
export interface PostingTrailer {
  /** RECORD-TYPE X(2), 2 bytes at 0 */
  readonly recordType: string;
  /** POSTING-COUNT 9(9) COMP, 4 bytes at 2 */
  readonly postingCount: number;
  /** AMOUNT-TOTAL S9(15)V99 COMP-3, 9 bytes at 6 */
  readonly amountTotal: string;
  /** ACCOUNT-HASH 9(15) COMP-3, 8 bytes at 15 */
  readonly accountHash: string;
  /** Bytes that the values alone would not bring back; they may be left out. */
  readonly $raw?: Readonly<Record<string, string>>;
}

/** Record RESULT-HEADER, 80 bytes. */
export interface ResultHeader {
  /** RECORD-TYPE X(2), 2 bytes at 0 */
  readonly recordType: string;
  /** FILE-KIND X(8), 8 bytes at 2 */
  readonly fileKind: string;
  /** FILE-NUMBER 9(6), 6 bytes at 10 */
  readonly fileNumber: number;
  /** BOOKED-ON 9(8), 8 bytes at 16 */
  readonly bookedOn: number;
  /** Bytes that the values alone would not bring back; they may be left out. */
  readonly $raw?: Readonly<Record<string, string>>;
}

/** Record RESULT, 80 bytes. */
export interface Result {
  /** RECORD-TYPE X(2), 2 bytes at 0 */
  readonly recordType: string;
  /** POSTING-ID X(20), 20 bytes at 2 */
  readonly postingId: string;
  /** RESULT-STATUS X, 1 bytes at 22; BOOKED: 'B'; REJECTED: 'R' */
  readonly resultStatus: 'B' | 'R' | (string & {});
  /** BOOKING, 42 bytes at 23 */
  readonly booking?: {
    /** BOOKING-NUMBER 9(11) COMP-3, 6 bytes at 23 */
    readonly bookingNumber: string;
    /** BOOKED-ON 9(8), 8 bytes at 29 */
    readonly bookedOn: number;
  };
  /** REJECTION, 42 bytes at 23, instead of booking */
  readonly rejection?: {
    /** REASON-CODE 9(4) COMP, 2 bytes at 23 */
    readonly reasonCode: number;
    /** REASON X(40), 40 bytes at 25 */
    readonly reason: string;
  };
  /** Bytes that the values alone would not bring back; they may be left out. */
  readonly $raw?: Readonly<Record<string, string>>;
}

/** Record RESULT-TRAILER, 80 bytes. */
export interface ResultTrailer {
  /** RECORD-TYPE X(2), 2 bytes at 0 */
  readonly recordType: string;
  /** RESULT-COUNT 9(9) COMP, 4 bytes at 2 */
  readonly resultCount: number;
  /** Bytes that the values alone would not bring back; they may be left out. */
  readonly $raw?: Readonly<Record<string, string>>;
}

/** Record STATEMENT, 41 to 721 bytes. */
export interface Statement {
  /** RECORD-TYPE X(2), 2 bytes at 0 */
  readonly recordType: string;
  /** ACCOUNT 9(10), 10 bytes at 2 */
  readonly account: string;
  /** CURRENCY-CODE X(3), 3 bytes at 12 */
  readonly currencyCode: string;
  /** BOOKED-ON 9(8), 8 bytes at 15 */
  readonly bookedOn: number;
  /** OPENING-BALANCE S9(13)V99 COMP-3, 8 bytes at 23 */
  readonly openingBalance: string;
  /** CLOSING-BALANCE S9(13)V99 COMP-3, 8 bytes at 31 */
  readonly closingBalance: string;
  /** MOVEMENT-COUNT 9(4) COMP, 2 bytes at 39 */
  readonly movementCount: number;
  /** MOVEMENT, 34 bytes at 41, 0 to 20 times */
  readonly movement: readonly {
    /** BOOKING-NUMBER 9(11) COMP-3, 6 bytes at 41 */
    readonly bookingNumber: string;
    /** POSTING-ID X(20), 20 bytes at 47 */
    readonly postingId: string;
    /** AMOUNT S9(13)V99 COMP-3, 8 bytes at 67 */
    readonly amount: string;
  }[];
  /** Bytes that the values alone would not bring back; they may be left out. */
  readonly $raw?: Readonly<Record<string, string>>;
}

/** Record STATEMENT-TRAILER, 15 bytes. */
export interface StatementTrailer {
  /** RECORD-TYPE X(2), 2 bytes at 0 */
  readonly recordType: string;
  /** STATEMENT-COUNT 9(9) COMP, 4 bytes at 2 */
  readonly statementCount: number;
  /** MOVEMENT-TOTAL S9(15)V99 COMP-3, 9 bytes at 6 */
  readonly movementTotal: string;
  /** Bytes that the values alone would not bring back; they may be left out. */
  readonly $raw?: Readonly<Record<string, string>>;
}

/** Record CUSTOMER, 220 bytes. */
export interface Customer {
  /** RECORD-TYPE X(2), 2 bytes at 0 */
  readonly recordType: string;
  /** CUSTOMER-NUMBER 9(8), 8 bytes at 2 */
  readonly customerNumber: number;
  /** KIND X, 1 bytes at 10; PERSON: 'P'; COMPANY: 'C' */
  readonly kind: 'P' | 'C' | (string & {});
  /** PERSON-NAME, 60 bytes at 11 */
  readonly personName?: {
    /** FAMILY-NAME X(30), 30 bytes at 11 */
    readonly familyName: string;
    /** GIVEN-NAME X(30), 30 bytes at 41 */
    readonly givenName: string;
  };
  /** COMPANY-NAME X(60), 60 bytes at 11, instead of personName */
  readonly companyName?: string;
  /** STREET X(40), 40 bytes at 71 */
  readonly street: string;
  /** POSTAL-CODE X(10), 10 bytes at 111 */
  readonly postalCode: string;
  /** CITY X(30), 30 bytes at 121 */
  readonly city: string;
  /** COUNTRY X(2), 2 bytes at 151 */
  readonly country: string;
  /** CREDIT-LIMIT S9(9)V99 COMP-3, 6 bytes at 153 */
  readonly creditLimit: string;
  /** ACCOUNT-COUNT 9(4) COMP, 2 bytes at 159 */
  readonly accountCount: number;
  /** ACCOUNT 9(10) COMP-3, 6 bytes at 161, 5 times */
  readonly account: readonly string[];
  /** CUSTOMER-STATUS X, 1 bytes at 191; ACTIVE: 'A'; BLOCKED: 'B' */
  readonly customerStatus: 'A' | 'B' | (string & {});
  /** Bytes that the values alone would not bring back; they may be left out. */
  readonly $raw?: Readonly<Record<string, string>>;
}

/** Record CUSTOMER-TRAILER, 220 bytes. */
export interface CustomerTrailer {
  /** RECORD-TYPE X(2), 2 bytes at 0 */
  readonly recordType: string;
  /** CUSTOMER-COUNT 9(9) COMP, 4 bytes at 2 */
  readonly customerCount: number;
  /** NUMBER-HASH 9(15) COMP-3, 8 bytes at 6 */
  readonly numberHash: string;
  /** Bytes that the values alone would not bring back; they may be left out. */
  readonly $raw?: Readonly<Record<string, string>>;
}
