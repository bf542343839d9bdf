<?php
// Answers on request that no SoapServer gives by itself. A planned fault is a file whose name ends in its kind; renaming it claims it, so
// that several workers never take one twice.
declare(strict_types=1);

const ENVELOPE_11 = 'http://schemas.xmlsoap.org/soap/envelope/';
const ENVELOPE_12 = 'http://www.w3.org/2003/05/soap-envelope';
const HUGE_BYTES = 100 * 1024 * 1024;

function claimed(): ?string
{
    foreach (glob(folder() . '/faults/*') as $file) {
        if (@rename($file, folder() . '/claimed/' . basename($file))) {
            return explode('.', basename($file))[1];
        }
    }
    return null;
}

function refuse(): never
{
    http_response_code(401);
    header('WWW-Authenticate: Basic realm="peer"');
    header('Content-Type: text/html');
    exit('<html><body>Unauthorized</body></html>');
}

function plannedFault(string $path, string $body): void
{
    $soap12 = $path === '/orders12';
    switch (claimed()) {
        case null:
            return;
        case 'busy':
            exit(fault($soap12, 'Busy', 'busy, the request was not executed', '<busy xmlns="urn:gatehouse:test:faults"><retryAfter>2</retryAfter></busy>'));
        case 'unauthorized':
            refuse();
        case 'html502':
            http_response_code(502);
            header('Content-Type: text/html');
            exit('<html><head><title>502 Bad Gateway</title></head><body><hr>proxy</body></html>');
        case 'empty200':
            header('Content-Type: text/xml; charset=utf-8');
            header('Content-Length: 0');
            exit();
        case 'unavailable':
            http_response_code(503);
            header('Retry-After: 2');
            header('Content-Type: text/plain');
            exit('down for maintenance');
        case 'redirect':
            http_response_code(302);
            header("Location: http://{$_SERVER['HTTP_HOST']}/elsewhere");
            exit();
        case 'dtd':
            exit(hostile('<!DOCTYPE x [<!ENTITY e SYSTEM "file:///etc/passwd">]>', '&e;', $soap12));
        case 'bomb':
            $entities = '<!ENTITY a0 "ha">';
            for ($i = 1; $i <= 30; $i++) {
                $entities .= sprintf('<!ENTITY a%d "&a%d;&a%d;&a%d;&a%d;">', $i, $i - 1, $i - 1, $i - 1, $i - 1);
            }
            exit(hostile("<!DOCTYPE x [$entities]>", '&a30;', $soap12));
        case 'deep':
            exit(hostile('', str_repeat('<d>', 200_000) . str_repeat('</d>', 200_000), $soap12));
        case 'huge':
            huge($soap12);
        case 'gzip':
            answered(fn (string $answer): string => encoded('gzip', (string) gzencode($answer)));
            return;
        case 'deflate':
            answered(fn (string $answer): string => encoded('deflate', (string) gzcompress($answer)));
            return;
        case 'gzipBomb':
            encoded('gzip', '');
            header_remove('Content-Length');
            inflating();
        case 'chunked':
            answered(chunked(...));
            return;
        case 'utf16':
            answered(function (string $answer): string {
                header('Content-Type: text/xml; charset=utf-16');
                return "\xFF\xFE" . iconv('UTF-8', 'UTF-16LE', str_replace('encoding="UTF-8"', 'encoding="UTF-16"', $answer));
            });
            return;
        case 'latin1':
            answered(function (string $answer): string {
                header('Content-Type: text/xml; charset=iso-8859-1');
                return (string) iconv('UTF-8', 'ISO-8859-1', str_replace('encoding="UTF-8"', 'encoding="ISO-8859-1"', $answer));
            });
            return;
        case 'fault200':
            answered(function (string $answer): string {
                header("HTTP/1.1 200 OK", true, 200);
                return $answer;
            });
            return;
    }
}

/** SoapServer ends the script after a fault, so its answer is caught where output leaves. */
function answered(callable $change): void
{
    ob_start(function (string $answer) use ($change): string {
        $changed = $change($answer);
        if (!in_array('Transfer-Encoding: chunked', headers_list(), true)) {
            header('Content-Length: ' . strlen($changed));
        }
        return $changed;
    });
}

function encoded(string $coding, string $bytes): string
{
    header("Content-Encoding: $coding");
    header('Content-Type: text/xml; charset=utf-8');
    return $bytes;
}

/** Chunks of 7 bytes, so that characters and tags are cut anywhere. */
function chunked(string $answer): string
{
    header_remove('Content-Length');
    header('Transfer-Encoding: chunked');
    $framed = '';
    foreach (str_split($answer, 7) as $chunk) {
        $framed .= dechex(strlen($chunk)) . "\r\n$chunk\r\n";
    }
    return "{$framed}0\r\n\r\n";
}

function envelope(bool $soap12, string $content): string
{
    $namespace = $soap12 ? ENVELOPE_12 : ENVELOPE_11;
    header('Content-Type: ' . ($soap12 ? 'application/soap+xml' : 'text/xml') . '; charset=utf-8');
    return "<s:Envelope xmlns:s=\"$namespace\"><s:Body>$content</s:Body></s:Envelope>";
}

function hostile(string $prolog, string $content, bool $soap12): string
{
    return '<?xml version="1.0" encoding="UTF-8"?>' . $prolog
        . envelope($soap12, "<r:placeOrderResponse xmlns:r=\"urn:gatehouse:test:orders\"><r:status>$content</r:status></r:placeOrderResponse>");
}

function fault(bool $soap12, string $code, string $text, string $detail): string
{
    http_response_code(500);
    return envelope($soap12, $soap12
        ? "<s:Fault><s:Code><s:Value>s:Receiver</s:Value><s:Subcode><s:Value xmlns:f=\"urn:gatehouse:test:faults\">f:$code</s:Value></s:Subcode></s:Code>"
            . "<s:Reason><s:Text xml:lang=\"en\">$text</s:Text></s:Reason><s:Detail>$detail</s:Detail></s:Fault>"
        : "<s:Fault><faultcode xmlns:f=\"urn:gatehouse:test:faults\">f:$code</faultcode><faultstring>$text</faultstring><detail>$detail</detail></s:Fault>");
}

/** A well-formed answer of more than HUGE_BYTES, never in memory as a whole. */
function huge(bool $soap12): never
{
    [$head, $tail] = explode('@', envelope($soap12, '<r:listOrdersResponse xmlns:r="urn:gatehouse:test:orders">@</r:listOrdersResponse>'));
    $row = '<r:order><r:externalId>' . str_repeat('x', 1_000) . '</r:externalId><r:orderId>1</r:orderId><r:total>1</r:total>'
        . '<r:bookedAt>2026-01-01T00:00:00Z</r:bookedAt><r:note>n</r:note></r:order>';
    $block = str_repeat($row, 900);
    echo $head;
    for ($sent = 0; $sent < HUGE_BYTES && connection_status() === CONNECTION_NORMAL; $sent += strlen($block)) {
        echo $block;
        flush();
    }
    exit($tail);
}

/** 100 KB on the wire, 100 MB when inflated. */
function inflating(): never
{
    $deflate = deflate_init(ZLIB_ENCODING_GZIP, ['level' => 9]);
    echo deflate_add($deflate, envelope(false, '') . '<!--', ZLIB_NO_FLUSH);
    for ($sent = 0; $sent < HUGE_BYTES; $sent += 1024 * 1024) {
        echo deflate_add($deflate, str_repeat(' ', 1024 * 1024), ZLIB_NO_FLUSH);
    }
    exit(deflate_add($deflate, '-->', ZLIB_FINISH));
}
