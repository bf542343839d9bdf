      *----------------------------------------------------------------*
      * WHAT BECAME OF POSTINGS, RECFM=FB, LRECL=80.
      * 01 HEADER, 20 RESULT, 99 TRAILER.
      *----------------------------------------------------------------*
       01  RESULT-HEADER.
           05  RECORD-TYPE            PIC X(2)   VALUE '01'.
           05  FILE-KIND              PIC X(8)   VALUE 'RESULT'.
           05  FILE-NUMBER            PIC 9(6).
           05  BOOKED-ON              PIC 9(8).
           05  FILLER                 PIC X(56).
       01  RESULT.
           05  RECORD-TYPE            PIC X(2)   VALUE '20'.
           05  POSTING-ID             PIC X(20).
           05  RESULT-STATUS          PIC X.
               88  BOOKED             VALUE 'B'.
               88  REJECTED           VALUE 'R'.
           05  BOOKING.
               10  BOOKING-NUMBER     PIC 9(11)  COMP-3.
               10  BOOKED-ON          PIC 9(8).
               10  FILLER             PIC X(28).
           05  REJECTION              REDEFINES BOOKING.
               10  REASON-CODE        PIC 9(4)   COMP.
               10  REASON             PIC X(40).
           05  FILLER                 PIC X(15).
       01  RESULT-TRAILER.
           05  RECORD-TYPE            PIC X(2)   VALUE '99'.
           05  RESULT-COUNT           PIC 9(9)   COMP.
           05  FILLER                 PIC X(74).
