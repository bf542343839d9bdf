      *----------------------------------------------------------------*
      * ALL CUSTOMERS, EVERY NIGHT, RECFM=FB, LRECL=220.
      * 40 CUSTOMER, IN ORDER OF NUMBERS, 99 TRAILER.
      *----------------------------------------------------------------*
       01  CUSTOMER.
           05  RECORD-TYPE            PIC X(2)   VALUE '40'.
           05  CUSTOMER-NUMBER        PIC 9(8).
           05  KIND                   PIC X.
               88  PERSON             VALUE 'P'.
               88  COMPANY            VALUE 'C'.
           05  PERSON-NAME.
               10  FAMILY-NAME        PIC X(30).
               10  GIVEN-NAME         PIC X(30).
           05  COMPANY-NAME           REDEFINES PERSON-NAME
                                      PIC X(60).
           05  STREET                 PIC X(40).
           05  POSTAL-CODE            PIC X(10).
           05  CITY                   PIC X(30).
           05  COUNTRY                PIC X(2).
           05  CREDIT-LIMIT           PIC S9(9)V99 COMP-3.
           05  ACCOUNT-COUNT          PIC 9(4)   COMP.
           05  ACCOUNT                PIC 9(10)  COMP-3 OCCURS 5 TIMES.
           05  CUSTOMER-STATUS        PIC X.
               88  ACTIVE             VALUE 'A'.
               88  BLOCKED            VALUE 'B'.
           05  FILLER                 PIC X(28).
       01  CUSTOMER-TRAILER.
           05  RECORD-TYPE            PIC X(2)   VALUE '99'.
           05  CUSTOMER-COUNT         PIC 9(9)   COMP.
           05  NUMBER-HASH            PIC 9(15)  COMP-3.
           05  FILLER                 PIC X(206).
