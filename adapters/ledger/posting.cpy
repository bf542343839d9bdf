      *----------------------------------------------------------------*
      * POSTINGS TO THE LEDGER, RECFM=FB, LRECL=200.
      * 01 HEADER, 10 POSTING (ONE OR MORE), 99 TRAILER.
      *----------------------------------------------------------------*
       01  POSTING-HEADER.
           05  RECORD-TYPE            PIC X(2)   VALUE '01'.
           05  FILE-KIND              PIC X(8)   VALUE 'POSTING'.
           05  SENDER                 PIC X(8)   VALUE 'GATEHOUS'.
           05  FILE-NUMBER            PIC 9(6).
           05  CREATED-ON             PIC 9(8).
           05  FILLER                 PIC X(168).
       01  POSTING.
           05  RECORD-TYPE            PIC X(2)   VALUE '10'.
           05  POSTING-ID             PIC X(20).
           05  KIND                   PIC X.
               88  BOOKING            VALUE 'B'.
               88  REVERSAL           VALUE 'R'.
           05  LEG                    OCCURS 2 TIMES.
               10  SIDE               PIC X.
                   88  DEBIT          VALUE 'D'.
                   88  CREDIT         VALUE 'C'.
               10  ACCOUNT            PIC 9(10).
      *    NEGATIVE IN A REVERSAL.
           05  AMOUNT                 PIC S9(13)V99 COMP-3.
           05  CURRENCY-CODE          PIC X(3).
           05  VALUE-DATE             PIC 9(8).
           05  PURPOSE.
               10  PURPOSE-LINE       PIC X(27)  OCCURS 4 TIMES.
           05  REVERSED               REDEFINES PURPOSE.
               10  ORIGINAL-ID        PIC X(20).
               10  REVERSAL-CODE      PIC 9(4)   COMP.
               10  FILLER             PIC X(86).
           05  FILLER                 PIC X(28).
       01  POSTING-TRAILER.
           05  RECORD-TYPE            PIC X(2)   VALUE '99'.
           05  POSTING-COUNT          PIC 9(9)   COMP.
           05  AMOUNT-TOTAL           PIC S9(15)V99 COMP-3.
      *    SUM OF ALL ACCOUNT NUMBERS, THE LAST 15 DIGITS.
           05  ACCOUNT-HASH           PIC 9(15)  COMP-3.
           05  FILLER                 PIC X(177).
