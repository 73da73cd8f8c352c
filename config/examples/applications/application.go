// Go 1.19 or newer, standard library alone: who asks, read from the signed assertion.
//
//	GATEHOUSE_URL=https://app.example.org AUDIENCE=app PORT=3000 go run application.go
//
// A development authority: SSL_CERT_FILE=authority.pem
package main

import (
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/sha256"
	"encoding/base64"
	"encoding/json"
	"errors"
	"log"
	"math/big"
	"net/http"
	"net/url"
	"os"
	"strings"
	"sync"
	"time"
)

type claims struct {
	Issuer   string   `json:"iss"`
	Audience string   `json:"aud"`
	Expires  int64    `json:"exp"`
	User     string   `json:"sub"`
	Tenant   string   `json:"tenant"`
	Roles    []string `json:"roles"`
}

var (
	issuer   = setting("GATEHOUSE_URL", "https://localhost:8443")
	audience = setting("AUDIENCE", "app")
	keysURL  = setting("KEYS_URL", issuer+"/.gatehouse/jwks.json")
	client   = http.Client{Timeout: 5 * time.Second}
	lock     sync.Mutex
	keys     = map[string]*ecdsa.PublicKey{}
	askedAt  time.Time
)

func setting(name, fallback string) string {
	if value := os.Getenv(name); value != "" {
		return value
	}
	return fallback
}

func number(text string) *big.Int {
	bytes, _ := base64.RawURLEncoding.DecodeString(text)
	return new(big.Int).SetBytes(bytes)
}

// keyOf asks for a key that is not known yet once in ten seconds at most, whatever a stranger sends.
func keyOf(kid string) *ecdsa.PublicKey {
	lock.Lock()
	defer lock.Unlock()
	if keys[kid] == nil && time.Since(askedAt) > 10*time.Second {
		askedAt = time.Now()
		answer, err := client.Get(keysURL)
		if err != nil {
			return nil
		}
		defer answer.Body.Close()
		var set struct {
			Keys []struct{ Kid, Crv, X, Y string }
		}
		if json.NewDecoder(answer.Body).Decode(&set) != nil {
			return nil
		}
		keys = map[string]*ecdsa.PublicKey{}
		for _, key := range set.Keys {
			x, y := number(key.X), number(key.Y)
			if key.Crv == "P-256" && elliptic.P256().IsOnCurve(x, y) {
				keys[key.Kid] = &ecdsa.PublicKey{Curve: elliptic.P256(), X: x, Y: y}
			}
		}
	}
	return keys[kid]
}

func part(text string, into any) error {
	bytes, err := base64.RawURLEncoding.DecodeString(text)
	if err != nil {
		return err
	}
	return json.Unmarshal(bytes, into)
}

// identity gives the claims of a good assertion; any other is an error.
func identity(request *http.Request) (found claims, err error) {
	parts := strings.Split(request.Header.Get("X-Gatehouse-Assertion"), ".")
	var header struct{ Alg, Kid string }
	if len(parts) != 3 || part(parts[0], &header) != nil || part(parts[1], &found) != nil || header.Alg != "ES256" {
		return found, errors.New("no assertion")
	}
	key := keyOf(header.Kid)
	signature, err := base64.RawURLEncoding.DecodeString(parts[2])
	digest := sha256.Sum256([]byte(parts[0] + "." + parts[1]))
	if err != nil || key == nil || len(signature) != 64 ||
		!ecdsa.Verify(key, digest[:], new(big.Int).SetBytes(signature[:32]), new(big.Int).SetBytes(signature[32:])) {
		return found, errors.New("not signed")
	}
	if found.Issuer != issuer || found.Audience != audience || found.Expires <= time.Now().Unix() {
		return found, errors.New("for somebody else, or too old")
	}
	return found, nil
}

func main() {
	http.HandleFunc("/", func(response http.ResponseWriter, request *http.Request) {
		member, err := identity(request)
		if err != nil {
			response.WriteHeader(http.StatusUnauthorized)
			return
		}
		// The headers say the same for whoever trusts the network; names are percent-encoded UTF-8.
		name, _ := url.PathUnescape(request.Header.Get("X-User-Name"))
		response.Header().Set("Content-Type", "application/json")
		json.NewEncoder(response).Encode(map[string]any{
			"tenant": member.Tenant, "user": member.User, "name": name, "roles": member.Roles,
		})
	})
	log.Fatal(http.ListenAndServe("127.0.0.1:"+setting("PORT", "3000"), nil))
}
