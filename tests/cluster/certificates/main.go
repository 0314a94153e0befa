// Command certificates makes every key and certificate of a test cluster: certificates <folder> <node address>
//
// It relies on nothing but Go, so that no openssl is needed. The keys are ECDSA P-256, which take no time to make.
// Everything is valid for a year: a test cluster is made anew each time it is started.
package main

import (
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/x509"
	"crypto/x509/pkix"
	"encoding/pem"
	"log"
	"math/big"
	"net"
	"os"
	"path/filepath"
	"time"
)

func main() {
	log.SetFlags(0)
	log.SetPrefix("certificates: ")
	if len(os.Args) != 3 {
		log.Fatal("usage: certificates <folder> <node address>")
	}
	dir := folder(os.Args[1])
	nodeAddress := os.Args[2]

	ca := dir.newAuthority("ca", "kubernetes")
	ca.server("kube-apiserver",
		"127.0.0.1", "::1", "localhost", "10.96.0.1",
		"kubernetes", "kubernetes.default", "kubernetes.default.svc", "kubernetes.default.svc.cluster.local")
	ca.server("kubelet", nodeAddress)

	// The common name is the user, the organization is the group that the API server sees.
	ca.client("admin", "kubernetes-admin", "system:masters")
	ca.client("kube-controller-manager", "system:kube-controller-manager", "")
	ca.client("kube-scheduler", "system:kube-scheduler", "")
	ca.client("kwok", "kwok", "system:masters")
	ca.client("kube-apiserver-kubelet-client", "kube-apiserver-kubelet-client", "system:masters")

	// Aggregated API servers trust the names in request headers only from holders of this authority's certificates,
	// so it must not be the one that signs users.
	frontProxy := dir.newAuthority("front-proxy-ca", "front-proxy")
	frontProxy.client("front-proxy-client", "front-proxy-client", "")

	// Signs service account tokens: a bare key pair.
	key := newKey()
	dir.writeKey("service-account", key)
	dir.write("service-account.pub", "PUBLIC KEY", must(x509.MarshalPKIXPublicKey(&key.PublicKey)))
}

// folder is where keys and certificates are written, as <name>.key and <name>.crt.
type folder string

// authority is a certificate that signs others.
type authority struct {
	dir         folder
	key         *ecdsa.PrivateKey
	certificate *x509.Certificate
}

func (dir folder) newAuthority(name, commonName string) authority {
	template := newTemplate(pkix.Name{CommonName: commonName})
	template.IsCA = true
	template.BasicConstraintsValid = true
	template.KeyUsage = x509.KeyUsageCertSign | x509.KeyUsageDigitalSignature
	key := newKey()
	signed := dir.sign(name, template, key, template, key)
	return authority{dir, key, must(x509.ParseCertificate(signed))}
}

// server makes the certificate of a server that is reached at these names and addresses.
func (issuer authority) server(name string, hosts ...string) {
	template := newTemplate(pkix.Name{CommonName: name})
	template.KeyUsage = x509.KeyUsageDigitalSignature
	template.ExtKeyUsage = []x509.ExtKeyUsage{x509.ExtKeyUsageServerAuth}
	for _, host := range hosts {
		if address := net.ParseIP(host); address != nil {
			template.IPAddresses = append(template.IPAddresses, address)
		} else {
			template.DNSNames = append(template.DNSNames, host)
		}
	}
	issuer.dir.sign(name, template, newKey(), issuer.certificate, issuer.key)
}

// client makes the certificate of a user, who is in no group when that is empty.
func (issuer authority) client(name, user, group string) {
	subject := pkix.Name{CommonName: user}
	if group != "" {
		subject.Organization = []string{group}
	}
	template := newTemplate(subject)
	template.KeyUsage = x509.KeyUsageDigitalSignature
	template.ExtKeyUsage = []x509.ExtKeyUsage{x509.ExtKeyUsageClientAuth}
	issuer.dir.sign(name, template, newKey(), issuer.certificate, issuer.key)
}

func newTemplate(subject pkix.Name) *x509.Certificate {
	now := time.Now()
	return &x509.Certificate{
		SerialNumber: must(rand.Int(rand.Reader, new(big.Int).Lsh(big.NewInt(1), 127))),
		Subject:      subject,
		NotBefore:    now.Add(-time.Hour), // A clock that is set back a little does no harm.
		NotAfter:     now.AddDate(1, 0, 0),
	}
}

func newKey() *ecdsa.PrivateKey {
	return must(ecdsa.GenerateKey(elliptic.P256(), rand.Reader))
}

func (dir folder) sign(
	name string, template *x509.Certificate, key *ecdsa.PrivateKey, issuer *x509.Certificate, issuerKey *ecdsa.PrivateKey,
) []byte {
	signed := must(x509.CreateCertificate(rand.Reader, template, issuer, &key.PublicKey, issuerKey))
	dir.write(name+".crt", "CERTIFICATE", signed)
	dir.writeKey(name, key)
	return signed
}

func (dir folder) writeKey(name string, key *ecdsa.PrivateKey) {
	dir.write(name+".key", "EC PRIVATE KEY", must(x509.MarshalECPrivateKey(key)))
}

func (dir folder) write(file, kind string, bytes []byte) {
	text := pem.EncodeToMemory(&pem.Block{Type: kind, Bytes: bytes})
	if err := os.WriteFile(filepath.Join(string(dir), file), text, 0o600); err != nil {
		log.Fatal(err)
	}
}

func must[T any](value T, err error) T {
	if err != nil {
		log.Fatal(err)
	}
	return value
}
