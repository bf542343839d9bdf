/** An order with a packed total and a table whose length the record tells. */
export const copybookText = [
  '       01  ORDER.',
  '           05  CUSTOMER        PIC X(10).',
  '           05  TOTAL           PIC S9(7)V99 COMP-3.',
  '           05  ITEM-COUNT      PIC 9.',
  '           05  ITEMS OCCURS 0 TO 5 TIMES DEPENDING ON ITEM-COUNT.',
  '               10  SKU         PIC X(4).',
  '               10  QUANTITY    PIC 9.',
  '           05  NOTE            PIC X(4).',
].join('\n');
