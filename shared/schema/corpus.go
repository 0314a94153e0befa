package main

import (
	"bytes"
	"fmt"
	"os"
	"path/filepath"
	"reflect"
	"sort"
	"time"

	apiextensionsv1 "k8s.io/apiextensions-apiserver/pkg/apis/apiextensions/v1"
	apiextensionsv1beta1 "k8s.io/apiextensions-apiserver/pkg/apis/apiextensions/v1beta1"
	"k8s.io/apimachinery/pkg/api/resource"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/runtime"
	"k8s.io/apimachinery/pkg/runtime/schema"
	"k8s.io/apimachinery/pkg/runtime/serializer/json"
	"k8s.io/apimachinery/pkg/runtime/serializer/protobuf"
	"k8s.io/apimachinery/pkg/util/intstr"
	"sigs.k8s.io/randfill"
)

// writeCorpus writes pairs `<group>.<version>.<kind>.<n>.pb` and `.json`: of each kind one object with nothing in it,
// and some filled at random. Both are written by the serializers of the API server, the JSON after a round through
// protobuf, as the API server's own is after a round through its storage. Beside them, `.written` is the protobuf that
// the API server makes of the JSON, which cannot say everything (an empty time behind a pointer is null).
func writeCorpus(folder string, seed int64) error {
	scheme := newScheme()
	var kinds []schema.GroupVersionKind
	for gvk, goType := range scheme.AllKnownTypes() {
		if isRoot(gvk, goType) {
			kinds = append(kinds, gvk)
		}
	}
	sort.Slice(kinds, func(i, j int) bool { return kinds[i].String() < kinds[j].String() })
	if err := os.MkdirAll(folder, 0o755); err != nil {
		return err
	}

	pairs := pairWriter{
		folder:   folder,
		scheme:   scheme,
		protobuf: protobuf.NewSerializer(scheme, scheme),
		json:     json.NewSerializerWithOptions(json.DefaultMetaFactory, scheme, scheme, json.SerializerOptions{}),
	}
	filler := newFiller(seed)
	for _, gvk := range kinds {
		for n := range 4 {
			object, err := scheme.New(gvk)
			if err != nil {
				return err
			}
			if n > 0 {
				filler.Fill(object)
			}
			if err := pairs.write(object, gvk, n); err != nil {
				return fmt.Errorf("%v with seed %d: %w", gvk, seed, err)
			}
		}
	}
	return nil
}

type pairWriter struct {
	folder         string
	scheme         *runtime.Scheme
	protobuf, json runtime.Serializer
}

func (w *pairWriter) write(object runtime.Object, gvk schema.GroupVersionKind, n int) error {
	object.GetObjectKind().SetGroupVersionKind(gvk)
	var inProtobuf, inJSON, written bytes.Buffer
	if err := w.protobuf.Encode(object, &inProtobuf); err != nil {
		return err
	}
	if err := w.convert(inProtobuf.Bytes(), w.protobuf, &inJSON, w.json, gvk); err != nil {
		return err
	}
	if err := w.convert(inJSON.Bytes(), w.json, &written, w.protobuf, gvk); err != nil {
		return err
	}

	group := gvk.Group
	if group == "" {
		group = "core"
	}
	path := filepath.Join(w.folder, fmt.Sprintf("%s.%s.%s.%d", group, gvk.Version, gvk.Kind, n))
	for end, content := range map[string]*bytes.Buffer{".pb": &inProtobuf, ".json": &inJSON, ".written": &written} {
		if err := os.WriteFile(path+end, content.Bytes(), 0o644); err != nil {
			return err
		}
	}
	return nil
}

func (w *pairWriter) convert(from []byte, decoder runtime.Decoder, to *bytes.Buffer, encoder runtime.Encoder, gvk schema.GroupVersionKind) error {
	object, err := w.scheme.New(gvk)
	if err != nil {
		return err
	}
	if _, _, err := decoder.Decode(from, &gvk, object); err != nil {
		return err
	}
	object.GetObjectKind().SetGroupVersionKind(gvk)
	return encoder.Encode(object, to)
}

func newFiller(seed int64) *randfill.Filler {
	schemas := 0
	return randfill.NewWithSeed(seed).NilChance(.3).NumElements(0, 2).Funcs(
		func(*metav1.TypeMeta, randfill.Continue) {},
		func(t *metav1.Time, c randfill.Continue) { t.Time = anyTime(c) },
		func(t *metav1.MicroTime, c randfill.Continue) { t.Time = anyTime(c) },
		func(d *metav1.Duration, c randfill.Continue) {
			d.Duration = time.Duration(c.Int63()) >> c.Intn(64)
			if c.Bool() {
				d.Duration = -d.Duration.Truncate(time.Millisecond)
			}
		},
		func(q *resource.Quantity, c randfill.Continue) { *q = anyQuantity(c) },
		func(v *intstr.IntOrString, c randfill.Continue) {
			*v = intstr.FromString(anyText(c))
			if c.Bool() {
				*v = intstr.FromInt32(int32(anyInteger(c)))
			}
		},
		func(s *string, c randfill.Continue) { *s = anyText(c) },
		func(i *int64, c randfill.Continue) { *i = anyInteger(c) },
		func(i *int32, c randfill.Continue) { *i = int32(anyInteger(c)) },
		func(f *float64, c randfill.Continue) { *f = anyDouble(c) },
		func(raw *runtime.RawExtension, c randfill.Continue) { raw.Raw = anyJSON(c) },
		func(raw *metav1.FieldsV1, c randfill.Continue) { raw.SetRawBytes(anyJSON(c)) },
		func(raw *apiextensionsv1.JSON, c randfill.Continue) { raw.Raw = anyJSON(c) },
		func(raw *apiextensionsv1beta1.JSON, c randfill.Continue) { raw.Raw = anyJSON(c) },
		// Schemas have a dozen fields that are schemas.
		func(s *apiextensionsv1.JSONSchemaProps, c randfill.Continue) { fillToDepth(s, &schemas, c) },
		func(s *apiextensionsv1beta1.JSONSchemaProps, c randfill.Continue) { fillToDepth(s, &schemas, c) },
	)
}

func fillToDepth(schema any, depth *int, c randfill.Continue) {
	if *depth < 2 {
		*depth++
		c.FillNoCustom(schema)
		*depth--
		return
	}
	// Only what is not a schema.
	value := reflect.ValueOf(schema).Elem()
	for _, name := range []string{"Type", "Maximum", "MinLength", "Nullable", "Required", "Default"} {
		c.Fill(value.FieldByName(name).Addr().Interface())
	}
}

func anyTime(c randfill.Continue) time.Time {
	switch c.Intn(6) {
	case 0:
		return time.Time{}
	case 1:
		return time.Unix(0, 0)
	case 2:
		return time.Unix(c.Int63n(60_000_000_000)-30_000_000_000, c.Int63n(1_000_000_000))
	default:
		return time.Unix(c.Int63n(4_000_000_000), c.Int63n(1_000_000_000))
	}
}

func anyQuantity(c randfill.Continue) resource.Quantity {
	format := []resource.Format{resource.DecimalSI, resource.BinarySI, resource.DecimalExponent}[c.Intn(3)]
	switch c.Intn(4) {
	case 0:
		return resource.Quantity{}
	case 1:
		return *resource.NewMilliQuantity(c.Int63()>>c.Intn(63), format)
	default:
		return *resource.NewQuantity(anyInteger(c), format)
	}
}

func anyInteger(c randfill.Continue) int64 {
	number := c.Int63() >> c.Intn(64)
	if c.Intn(4) == 0 {
		return -number
	}
	return number
}

func anyDouble(c randfill.Continue) float64 {
	switch c.Intn(5) {
	case 0:
		return float64(anyInteger(c))
	case 1:
		return float64(c.Intn(1000)) / 100
	case 2:
		return c.NormFloat64() * 1e25
	case 3:
		return c.NormFloat64() * 1e-9
	default:
		return c.NormFloat64()
	}
}

func anyText(c randfill.Continue) string {
	switch c.Intn(4) {
	case 0:
		return ""
	case 1:
		return c.String(6)
	default:
		const letters = "abz019-./:\"\\\n\t<&\x01é世"
		runes := []rune(letters)
		text := make([]rune, c.Intn(9))
		for i := range text {
			text[i] = runes[c.Intn(len(runes))]
		}
		return string(text)
	}
}

func anyJSON(c randfill.Continue) []byte {
	values := []string{
		`{"f:metadata":{"f:labels":{".":{},"f:app":{}}}}`, `{"apiVersion":"example.com/v1","kind":"Gadget","size":3}`,
		`[1,"two",null]`, `"text"`, `1.5`, `true`, `{}`, `null`,
	}
	return []byte(values[c.Intn(len(values))])
}
