<?php
// Document/literal wrapped: one object in, one out, under the names of the schema.
declare(strict_types=1);

const CATALOG = 'urn:gatehouse:test:catalog';

#[AllowDynamicProperties]
class Party
{
}

final class Company extends Party
{
}

final class Bank extends Party
{
}

final class Orders
{
    /** Only a type with a class of its own is told apart by xsi:type; else what a derived type adds is dropped. */
    public const CLASSES = ['Party' => Party::class, 'Company' => Company::class, 'Bank' => Bank::class];

    public function __construct(private readonly SoapServer $server)
    {
    }

    public function placeOrder(object $in): array
    {
        $order = $in->order;
        $reference = $order->externalId;
        if (str_starts_with($reference, 'REFUSE')) {
            $detail = ['code' => 17, 'reason' => 'credit limit exceeded', 'field' => ['total', 'customer']];
            throw new SoapFault('Server', 'the order was refused', null, $detail, 'orderRejected');
        }
        if (str_starts_with($reference, 'BOOM')) {
            throw new SoapFault('Server', 'ORA-00600: internal error code');
        }
        if (str_starts_with($reference, 'CRASH')) {
            throw new RuntimeException('no SoapFault: PHP answers 500 without a body');
        }
        if (str_starts_with($reference, 'SENDER')) {
            throw new SoapFault('Client', 'the order number is not one of ours');
        }
        // As old servers do: seconds since the epoch, told again in the zone of the machine.
        $booked = (int) strtotime($order->placedAt);
        $id = crc32($reference) + 9_000_000_000_000_000_000;
        commit('placeOrder', $reference, ['orderId' => (string) $id, 'total' => $order->total, 'bookedAt' => $booked]);
        return ['orderId' => $id, 'status' => 'BOOKED', 'bookedAt' => $booked, 'total' => $order->total];
    }

    public function getOrder(object $in): array
    {
        $found = committed('placeOrder', $in->externalId);
        return $found === null ? [] : ['order' => $this->summary($in->externalId, $found)];
    }

    public function listOrders(object $in): array
    {
        $rows = [];
        for ($row = 1; $row <= $in->rows; $row++) {
            $rows[] = $this->summary("A-$row", ['orderId' => (string) $row, 'total' => "$row.10", 'bookedAt' => 1_767_225_599 + $row]);
        }
        return ['order' => $rows];
    }

    public function echo(object $in): object
    {
        $order = $in->order;
        if (!str_starts_with($order->externalId, 'RAW')) {
            // By itself PHP writes a reference to an element of an unqualified schema without the namespace that every global element has.
            $order->address = new SoapVar($order->address, SOAP_ENC_OBJECT, 'Address', CATALOG, 'address', CATALOG);
        }
        return $in;
    }

    private function summary(string $reference, array $effect): array
    {
        return [
            'externalId' => $reference,
            'orderId' => (int) $effect['orderId'],
            'total' => $effect['total'],
            'bookedAt' => $effect['bookedAt'],
            'note' => null,
        ];
    }
}
