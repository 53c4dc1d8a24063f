
/*
 * Copyright (C) the ngx_acctinfo_module authors
 *
 * acctinfo schema: a JSON Schema of packs, made from the attributes' table, so
 * that an editor completes what lint accepts.
 */


#include "cli.h"


/* What each kind of attribute looks like; words stands for a list of words */

static const struct {
    acct_kind_e           kind;
    const char           *schema;
} cli_kinds[] = {
    { ACCT_KIND_STRING, "\"type\": \"string\", \"minLength\": 1" },
    { ACCT_KIND_STRINGS, "\"$ref\": \"#/$defs/strings\"" },
    { ACCT_KIND_WORD, "\"enum\": " },
    { ACCT_KIND_LEVEL, "\"enum\": [1, 2, 3]" },
    { ACCT_KIND_DATE, "\"type\": \"string\", \"format\": \"date\"" },
    { ACCT_KIND_ROSTER, "\"$ref\": \"#/$defs/strings\"" },
    { ACCT_KIND_WEIGHTS, "\"$ref\": \"#/$defs/weights\"" },
    { ACCT_KIND_BESIDE, "\"$ref\": \"#/$defs/beside\"" },
    { ACCT_KIND_UNLESS, "\"$ref\": \"#/$defs/beside\"" },
    { ACCT_KIND_EXCEPT, "\"$ref\": \"#/$defs/except\"" },
    { ACCT_KIND_EXAMPLES, "\"$ref\": \"#/$defs/examples\"" }
};


static const char  cli_schema_head[] =
"{\n"
"  \"$schema\": \"https://json-schema.org/draft/2020-12/schema\",\n"
"  \"title\": \"A pack of rules of ngx_acctinfo_module\",\n"
"  \"type\": \"object\",\n"
"  \"required\": [\"pack\", \"prefix\", \"rules\"],\n"
"  \"additionalProperties\": false,\n"
"  \"properties\": {\n"
"    \"pack\": { \"type\": \"string\", \"minLength\": 1 },\n"
"    \"prefix\": { \"type\": \"string\", \"minLength\": 1 },\n"
"    \"note\": { \"type\": \"string\" },\n"
"    \"rules\": { \"type\": \"array\", \"items\": { \"$ref\": "
"\"#/$defs/rule\" } }\n"
"  },\n"
"  \"$defs\": {\n"
"    \"strings\": {\n"
"      \"anyOf\": [\n"
"        { \"type\": \"string\", \"minLength\": 1 },\n"
"        { \"type\": \"array\", \"minItems\": 1, \"items\": { \"type\": "
"\"string\", \"minLength\": 1 } }\n"
"      ]\n"
"    },\n"
"    \"beside\": {\n"
"      \"anyOf\": [\n"
"        { \"$ref\": \"#/$defs/neighbour\" },\n"
"        { \"type\": \"array\", \"minItems\": 1, \"items\": { \"$ref\": "
"\"#/$defs/neighbour\" } }\n"
"      ]\n"
"    },\n"
"    \"neighbour\": {\n"
"      \"anyOf\": [\n"
"        { \"type\": \"string\" },\n"
"        {\n"
"          \"type\": \"object\",\n"
"          \"additionalProperties\": false,\n"
"          \"properties\": {\n"
"            \"words\": { \"$ref\": \"#/$defs/strings\" },\n"
"            \"list\": { \"$ref\": \"#/$defs/strings\" },\n"
"            \"side\": { \"enum\": [\"either\", \"before\", \"after\"] },\n"
"            \"gap\": { \"type\": \"integer\", \"minimum\": 0, \"maximum\": %d "
"},\n"
"            \"least\": { \"type\": \"integer\", \"minimum\": 1, \"maximum\": "
"%d },\n"
"            \"action\": { \"enum\": [\"tag\", \"verify\"] },\n"
"            \"note\": { \"type\": \"string\" }\n"
"          }\n"
"        }\n"
"      ]\n"
"    },\n"
"    \"weights\": {\n"
"      \"type\": \"object\",\n"
"      \"required\": [\"least\"],\n"
"      \"additionalProperties\": false,\n"
"      \"properties\": {\n"
"        \"list\": { \"$ref\": \"#/$defs/strings\" },\n"
"        \"words\": { \"type\": \"object\", \"additionalProperties\": { "
"\"type\": \"integer\", \"minimum\": -%d, \"maximum\": %d } },\n"
"        \"least\": { \"type\": \"integer\", \"minimum\": 1, \"maximum\": %d "
"},\n"
"        \"note\": { \"type\": \"string\" }\n"
"      }\n"
"    },\n"
"    \"except\": {\n"
"      \"type\": \"array\",\n"
"      \"items\": {\n"
"        \"type\": \"object\",\n"
"        \"required\": [\"note\"],\n"
"        \"additionalProperties\": false,\n"
"        \"properties\": {\n"
"          \"word\": { \"type\": \"string\" },\n"
"          \"words\": { \"$ref\": \"#/$defs/strings\" },\n"
"          \"list\": { \"$ref\": \"#/$defs/strings\" },\n"
"          \"note\": { \"type\": \"string\" },\n"
"          \"ticket\": { \"type\": \"string\" },\n"
"          \"until\": { \"type\": \"string\", \"format\": \"date\" }\n"
"        }\n"
"      }\n"
"    },\n"
"    \"examples\": {\n"
"      \"type\": \"array\",\n"
"      \"minItems\": 1,\n"
"      \"items\": {\n"
"        \"anyOf\": [\n"
"          { \"type\": \"string\" },\n"
"          {\n"
"            \"type\": \"object\",\n"
"            \"required\": [\"value\"],\n"
"            \"additionalProperties\": false,\n"
"            \"properties\": {\n"
"              \"value\": { \"type\": \"string\" },\n"
"              \"field\": { \"type\": \"string\" },\n"
"              \"action\": { \"enum\": [\"pass\", \"tag\", \"verify\", "
"\"reject\"] },\n"
"              \"note\": { \"type\": \"string\" }\n"
"            }\n"
"          }\n"
"        ]\n"
"      }\n"
"    },\n"
"    \"rule\": {\n"
"      \"type\": \"object\",\n"
"      \"additionalProperties\": false,\n";


static void
cli_schema_words(size_t attribute)
{
    size_t       i;
    const char  *word;

    for (i = 0; (word = acct_attribute_word(attribute, i)) != NULL; i++) {
        printf("%s\"%s\"", i ? ", " : "[", word);
    }

    putchar(']');
}


int
cli_schema(cli_t *cli)
{
    size_t                   i, k, n;
    const char              *sep;
    const acct_attribute_t  *a;

    if (cli->nargs) {
        return cli_error("schema takes no arguments");
    }

    printf(cli_schema_head, ACCT_GAP_MAX, ACCT_LEAST_MAX, ACCT_WEIGHT_MAX,
           ACCT_WEIGHT_MAX, ACCT_WEIGH_LEAST_MAX);
    printf("      \"required\": [");

    for (i = 0, sep = ""; (a = acct_attribute(i)) != NULL; i++) {
        if (a->flags & (ACCT_ATTR_LOAD | ACCT_ATTR_LINT)) {
            printf("%s\"%s\"", sep, a->name);
            sep = ", ";
        }
    }

    printf("],\n      \"anyOf\": [");

    for (i = 0, sep = ""; (a = acct_attribute(i)) != NULL; i++) {
        if (a->flags & ACCT_ATTR_LOOK) {
            printf("%s{ \"required\": [\"%s\"] }", sep, a->name);
            sep = ", ";
        }
    }

    printf("],\n      \"properties\": {\n");

    n = sizeof(cli_kinds) / sizeof(cli_kinds[0]);

    for (i = 0; (a = acct_attribute(i)) != NULL; i++) {

        for (k = 0; k < n && cli_kinds[k].kind != a->kind; k++) { /* void */ }

        printf("        \"%s\": { \"description\": \"%s\"%s%s", a->name,
               a->purpose, k < n ? ", " : "", k < n ? cli_kinds[k].schema : "");

        if (a->kind == ACCT_KIND_WORD) {
            cli_schema_words(i);
        }

        printf(" }%s\n", acct_attribute(i + 1) ? "," : "");
    }

    printf("      }\n    }\n  }\n}\n");

    return CLI_OK;
}
