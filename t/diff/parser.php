<?php
// PHP's own parsers, behind its built-in server.

function add(&$out, $who, $key, $value) {
    if (is_array($value)) {
        foreach ($value as $k => $v) add($out, $who, $key . '[' . $k . ']', $v);
    } elseif (is_string($value)) {
        $out[] = [$who, $key, base64_encode($value)];
    }
}

$out = [];

$o = json_decode(file_get_contents('php://input'), true);
if (is_array($o)) foreach ($o as $k => $v) add($out, 'php{}', '[' . $k . ']', $v);

foreach ($_POST as $k => $v) add($out, 'php', (string) $k, $v);

foreach ($_FILES as $k => $f) {
    $names = (array) $f['tmp_name'];
    array_walk_recursive($names, function ($p) use (&$out, $k) {
        if ($p !== '' && is_file($p)) add($out, 'php', (string) $k, file_get_contents($p));
    });
}

header('Content-Type: application/json');
echo "\0", json_encode($out, JSON_INVALID_UTF8_SUBSTITUTE);
