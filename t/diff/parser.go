// Go's own parsers: net/http, mime/multipart, encoding/json.

package main

import (
	"bufio"
	"bytes"
	"encoding/base64"
	"encoding/json"
	"fmt"
	"net/http"
	"os"
	"strings"
)

type account struct {
	Name      interface{} `json:"name"`
	Username  interface{} `json:"username"`
	Signature interface{} `json:"signature"`
	User      struct {
		Name interface{} `json:"name"`
	} `json:"user"`
}

func parse(kind string, body []byte) (out [][]string) {
	defer func() { recover() }()

	as := func(who string, key string, value string) {
		out = append(out, []string{who, key,
			base64.StdEncoding.EncodeToString([]byte(value))})
	}
	add := func(key string, value string) { as("go", key, value) }

	// many a program decodes the body whatever its type; a stream decoder
	// reads the first value and leaves the rest

	var a account

	json.NewDecoder(bytes.NewReader(body)).Decode(&a)

	for k, v := range map[string]interface{}{"[name]": a.Name,
		"[username]": a.Username, "[signature]": a.Signature,
		"[user][name]": a.User.Name} {
		if s, ok := v.(string); ok {
			as("go{}", k, s)
		}
	}

	r, err := http.NewRequest("POST", "http://h/", bytes.NewReader(body))

	if err != nil {
		return
	}

	r.Header.Set("Content-Type", kind)
	r.ParseMultipartForm(1 << 20)

	for k, vs := range r.PostForm {
		for _, v := range vs {
			add(k, v)
		}
	}

	if r.MultipartForm != nil {
		for k, vs := range r.MultipartForm.Value {
			for _, v := range vs {
				add(k, v)
			}
		}
	}

	return
}

func main() {
	in := bufio.NewReaderSize(os.Stdin, 1<<20)

	for {
		line, err := in.ReadString('\n')

		if err != nil {
			return
		}

		parts := strings.SplitN(strings.TrimSpace(line), " ", 2)
		kind, _ := base64.StdEncoding.DecodeString(parts[0])
		body := []byte{}

		if len(parts) > 1 {
			body, _ = base64.StdEncoding.DecodeString(parts[1])
		}

		out := parse(string(kind), body)

		if out == nil {
			out = [][]string{}
		}

		b, _ := json.Marshal(out)
		fmt.Println(string(b))
	}
}
