<?php
// What the test reads afterwards: requests as PHP saw them, and the effects that were committed.
declare(strict_types=1);

function folder(): string
{
    return (string) getenv('PEER_FOLDER');
}

function record(string $path, string $body): void
{
    $name = sprintf('%s/received/%020d-%d', folder(), hrtime(true), getmypid());
    file_put_contents("$name.body", $body);
    file_put_contents("$name.new", json_encode([
        'method' => $_SERVER['REQUEST_METHOD'],
        'path' => $path,
        'headers' => array_change_key_case(getallheaders()),
    ], JSON_INVALID_UTF8_SUBSTITUTE));
    rename("$name.new", "$name.json");
}

/** One line an effect, on disk before the answer. */
function commit(string $operation, string $reference, array $more = []): void
{
    $line = json_encode(['operation' => $operation, 'reference' => $reference, ...$more]) . "\n";
    file_put_contents(folder() . '/ledger', $line, FILE_APPEND | LOCK_EX);
}

function committed(string $operation, string $reference): ?array
{
    foreach (@file(folder() . '/ledger') ?: [] as $line) {
        $effect = json_decode($line, true);
        if ($effect['operation'] === $operation && $effect['reference'] === $reference) {
            return $effect;
        }
    }
    return null;
}
