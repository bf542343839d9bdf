<?php
// Every request to the peer comes in here: kept as it came, let in or not, answered by a planned fault or by PHP's SoapServer.
declare(strict_types=1);

require __DIR__ . '/records.php';
require __DIR__ . '/faults.php';
require __DIR__ . '/orders.php';
require __DIR__ . '/accounts.php';
require __DIR__ . '/legacy.php';

const SERVICES = [
    '/orders' => ['orders.wsdl', Orders::class],
    '/orders12' => ['orders.wsdl', Orders::class],
    '/accounts' => ['accounts.wsdl', Accounts::class],
    '/legacy' => ['legacy.wsdl', Legacy::class],
];

$path = (string) parse_url($_SERVER['REQUEST_URI'], PHP_URL_PATH);
$body = (string) file_get_contents('php://input');

if ($path === '/up') {
    exit('up');
}
if (preg_match('~^/wsdl/([a-z]+\.(?:wsdl|xsd))$~', $path, $file) === 1 && is_file(folder() . $path)) {
    header('Content-Type: text/xml; charset=utf-8');
    readfile(folder() . $path);
    exit();
}

record($path, $body);

$password = getenv('PEER_PASSWORD');
if ($password !== false && (($_SERVER['PHP_AUTH_USER'] ?? '') !== 'gatehouse' || ($_SERVER['PHP_AUTH_PW'] ?? '') !== $password)) {
    refuse();
}
if (!isset(SERVICES[$path])) {
    http_response_code(404);
    exit('no such service');
}

plannedFault($path, $body);

[$wsdl, $class] = SERVICES[$path];
$server = new SoapServer(folder() . "/wsdl/$wsdl", [
    'cache_wsdl' => WSDL_CACHE_NONE,
    'features' => SOAP_SINGLE_ELEMENT_ARRAYS,
    'soap_version' => $path === '/orders12' ? SOAP_1_2 : SOAP_1_1,
    'classmap' => $class === Orders::class ? Orders::CLASSES : [],
]);
$server->setObject(new $class($server));
$server->handle($body);
