      *----------------------------------------------------------------*
      * ACCOUNTS AT THE END OF THE DAY, RECFM=V.
      * 30 STATEMENT, 99 TRAILER. MORE THAN 20 MOVEMENTS OF AN ACCOUNT
      * GO ON IN A FURTHER STATEMENT.
      *----------------------------------------------------------------*
       01  STATEMENT.
           05  RECORD-TYPE            PIC X(2)   VALUE '30'.
           05  ACCOUNT                PIC 9(10).
           05  CURRENCY-CODE          PIC X(3).
           05  BOOKED-ON              PIC 9(8).
           05  OPENING-BALANCE        PIC S9(13)V99 COMP-3.
           05  CLOSING-BALANCE        PIC S9(13)V99 COMP-3.
           05  MOVEMENT-COUNT         PIC 9(4)   COMP.
           05  MOVEMENT               OCCURS 0 TO 20 TIMES
                                      DEPENDING ON MOVEMENT-COUNT.
               10  BOOKING-NUMBER     PIC 9(11)  COMP-3.
               10  POSTING-ID         PIC X(20).
      *        DEBITS ARE NEGATIVE.
               10  AMOUNT             PIC S9(13)V99 COMP-3.
       01  STATEMENT-TRAILER.
           05  RECORD-TYPE            PIC X(2)   VALUE '99'.
           05  STATEMENT-COUNT        PIC 9(9)   COMP.
           05  MOVEMENT-TOTAL         PIC S9(15)V99 COMP-3.
