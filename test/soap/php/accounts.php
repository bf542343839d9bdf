<?php
// RPC/literal: one argument a part, in the order of the message; a header is a method of its element's name, called first.
declare(strict_types=1);

final class Accounts
{
    private ?string $token = null;

    public function __construct(private readonly SoapServer $server)
    {
    }

    public function session(object $session): void
    {
        $this->token = $session->token;
    }

    public function transfer(string $reference, object $transfer, string $dueOn): array
    {
        if ($this->token !== 'open') {
            throw new SoapFault('Client', 'no session');
        }
        $this->server->addSoapHeader(new SoapHeader('urn:gatehouse:test:accounts:types', 'quota', ['remaining' => 41]));
        commit('transfer', $reference, ['amount' => $transfer->amount, 'memo' => $transfer->memo ?? [], 'dueOn' => $dueOn]);
        return ['receipt' => ['number' => crc32($reference), 'bookedAt' => 1_767_225_599], 'status' => 'DONE'];
    }

    public function balance(string $account): string
    {
        return '123456789012345678901234.123456';
    }
}
