<?php
// RPC/encoded. An object that occurs twice in an answer is sent once and referred to (multiRef).
declare(strict_types=1);

final class Legacy
{
    private ?string $token = null;

    public function __construct(private readonly SoapServer $server)
    {
    }

    public function session(object $session): void
    {
        $this->token = $session->token;
    }

    public function lookup(array $skus): array
    {
        if ($this->token === null) {
            throw new SoapFault('Client', 'no session');
        }
        $this->server->addSoapHeader(new SoapHeader('urn:gatehouse:test:legacy', 'quota', ['remaining' => 41]));
        return array_map($this->item(...), $skus);
    }

    public function total(array $items): string
    {
        $total = '0';
        foreach ($items as $item) {
            $total = (string) ($total + $item->price);
        }
        commit('total', (string) count($items), ['total' => $total]);
        return $total;
    }

    public function twins(string $sku): array
    {
        $item = $this->item($sku);
        return ['first' => $item, 'second' => $item];
    }

    private function item(string $sku): object
    {
        return (object) ['sku' => $sku, 'price' => '10.50', 'stock' => $sku === 'GONE' ? null : 3];
    }
}
