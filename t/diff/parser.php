<?php
// PHP's own parsers, behind its built-in server.

function add(&$out, $key, $value) {
    if (is_array($value)) {
        foreach ($value as $k => $v) add($out, $key . '[' . $k . ']', $v);
    } elseif (is_string($value)) {
        $out[] = ['php', $key, base64_encode($value)];
    }
}

$out = [];

if (stripos($_SERVER['CONTENT_TYPE'] ?? '', 'json') !== false) {
    $o = json_decode(file_get_contents('php://input'), true);
    if (is_array($o)) foreach ($o as $k => $v) add($out, '[' . $k . ']', $v);
} else {
    foreach ($_POST as $k => $v) add($out, (string) $k, $v);

    foreach ($_FILES as $k => $f) {
        $names = $f['tmp_name'];
        array_walk_recursive($names, function ($p) use (&$out, $k) {
            if ($p !== '' && is_file($p)) add($out, (string) $k, file_get_contents($p));
        });
    }
}

header('Content-Type: application/json');
echo json_encode($out, JSON_INVALID_UTF8_SUBSTITUTE);
