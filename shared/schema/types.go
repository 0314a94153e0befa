package main

import (
	"fmt"
	"reflect"
	"sort"
	"strconv"
	"strings"

	apiextensionsv1 "k8s.io/apiextensions-apiserver/pkg/apis/apiextensions/v1"
	apiextensionsv1beta1 "k8s.io/apiextensions-apiserver/pkg/apis/apiextensions/v1beta1"
	"k8s.io/apimachinery/pkg/api/resource"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/runtime"
	"k8s.io/apimachinery/pkg/runtime/schema"
	"k8s.io/apimachinery/pkg/util/intstr"
)

// The kinds of a field's value, as the reader numbers them (shared/src/value/schema.rs).
const (
	kindText = iota
	kindInteger
	kindBoolean
	kindData
	kindDouble
	kindTime
	kindMicroTime
	kindDuration
	kindQuantity
	kindIntOrString
	kindJSON
	kindTexts
	kindMessage
	kindInline
	kindEither
)

// How often a field occurs.
const (
	modeOne = iota
	modeOptional
	modeList
	modeMap
)

// Types whose JSON is not what their fields say.
var special = map[reflect.Type]int{
	reflect.TypeFor[metav1.Time]():                                       kindTime,
	reflect.TypeFor[metav1.MicroTime]():                                  kindMicroTime,
	reflect.TypeFor[metav1.Duration]():                                   kindDuration,
	reflect.TypeFor[resource.Quantity]():                                 kindQuantity,
	reflect.TypeFor[intstr.IntOrString]():                                kindIntOrString,
	reflect.TypeFor[runtime.RawExtension]():                              kindJSON,
	reflect.TypeFor[metav1.FieldsV1]():                                   kindJSON,
	reflect.TypeFor[apiextensionsv1.JSON]():                              kindJSON,
	reflect.TypeFor[apiextensionsv1beta1.JSON]():                         kindJSON,
	reflect.TypeFor[apiextensionsv1.JSONSchemaPropsOrArray]():            kindEither,
	reflect.TypeFor[apiextensionsv1beta1.JSONSchemaPropsOrArray]():       kindEither,
	reflect.TypeFor[apiextensionsv1.JSONSchemaPropsOrBool]():             kindEither,
	reflect.TypeFor[apiextensionsv1beta1.JSONSchemaPropsOrBool]():        kindEither,
	reflect.TypeFor[apiextensionsv1.JSONSchemaPropsOrStringArray]():      kindEither,
	reflect.TypeFor[apiextensionsv1beta1.JSONSchemaPropsOrStringArray](): kindEither,
}

// A field of a message, in the order in which Go writes JSON.
type field struct {
	name   string
	number int
	kind   int
	mode   int
	// Whether a value that is empty is left out of JSON.
	omit bool
	// The message that a value is.
	message *message
}

type message struct {
	fields []field
}

// A kind that the API server sends or takes as a whole.
type root struct {
	gvk     schema.GroupVersionKind
	message *message
	// Whether its JSON says its apiVersion and kind.
	typed bool
}

// collect reads the tags of all types of a scheme.
func collect(scheme *runtime.Scheme) []root {
	types := scheme.AllKnownTypes()
	// Not registered as an object, but what the pieces of a list's answer need.
	types[metav1.SchemeGroupVersion.WithKind("ListMeta")] = reflect.TypeFor[metav1.ListMeta]()

	messages := map[reflect.Type]*message{}
	var roots []root
	for gvk, goType := range types {
		if !isRoot(gvk, goType) {
			continue
		}
		_, typed := goType.FieldByName("TypeMeta")
		roots = append(roots, root{gvk, messageOf(goType, messages), typed})
	}
	sort.Slice(roots, func(i, j int) bool {
		a, b := roots[i].gvk, roots[j].gvk
		if a.Group != b.Group {
			return a.Group < b.Group
		}
		if a.Version != b.Version {
			return a.Version < b.Version
		}
		return a.Kind < b.Kind
	})
	return roots
}

// isRoot leaves out what never is on the wire: internal types, those without protobuf, and the options of requests,
// which every group registers anew.
func isRoot(gvk schema.GroupVersionKind, goType reflect.Type) bool {
	meta := strings.HasSuffix(goType.PkgPath(), "apimachinery/pkg/apis/meta/v1")
	switch {
	case gvk.Version == runtime.APIVersionInternal || goType == reflect.TypeFor[metav1.InternalEvent]():
		return false
	case goType == reflect.TypeFor[metav1.Table]() || goType == reflect.TypeFor[metav1.TableOptions]():
		return false
	default:
		return !meta || gvk.Group == "" || gvk.Group == metav1.GroupName
	}
}

func messageOf(goType reflect.Type, messages map[reflect.Type]*message) *message {
	if known, ok := messages[goType]; ok {
		return known
	}
	result := &message{}
	messages[goType] = result
	for i := range goType.NumField() {
		goField := goType.Field(i)
		// What has no tag is not on the wire: kind and apiVersion, above all.
		if tag, ok := goField.Tag.Lookup("protobuf"); ok {
			result.fields = append(result.fields, fieldOf(goType, goField, tag, messages))
		}
	}
	return result
}

func fieldOf(in reflect.Type, goField reflect.StructField, tag string, messages map[reflect.Type]*message) field {
	name, options, _ := strings.Cut(goField.Tag.Get("json"), ",")
	number, err := strconv.Atoi(strings.Split(tag, ",")[1])
	if err != nil {
		panic(fmt.Sprintf("%v.%s: %v", in, goField.Name, err))
	}
	result := field{name: name, number: number, omit: strings.Contains(options, "omitempty")}

	goType := goField.Type
	switch {
	case goType.Kind() == reflect.Pointer:
		result.mode, goType = modeOptional, goType.Elem()
	case goType.Kind() == reflect.Map:
		if goType.Key().Kind() != reflect.String {
			panic(fmt.Sprintf("%v.%s: a map by something other than text", in, goField.Name))
		}
		result.mode, goType = modeMap, goType.Elem()
	case goType.Kind() == reflect.Slice && !isMessage(goType) && goType.Elem().Kind() != reflect.Uint8:
		result.mode, goType = modeList, goType.Elem()
	}

	result.kind = kindOf(in, goField, goType)
	switch result.kind {
	case kindMessage, kindEither:
		result.message = messageOf(goType, messages)
	}
	if result.mode == modeOne {
		switch result.kind {
		// The one who decides for times is omitzero.
		case kindTime, kindMicroTime:
			result.omit = strings.Contains(options, "omitzero")
		// Go never takes a struct for empty.
		case kindDuration, kindQuantity, kindIntOrString, kindJSON, kindMessage:
			result.omit = false
		}
	}
	if name == "" {
		if goField.Anonymous && result.kind == kindMessage && result.mode == modeOne {
			result.kind = kindInline
		} else {
			result.name = goField.Name
		}
	}
	return result
}

// isMessage: slices with a method of their own are messages around a list.
func isMessage(goType reflect.Type) bool {
	_, is := reflect.New(goType).Interface().(interface{ Marshal() ([]byte, error) })
	return is
}

func kindOf(in reflect.Type, goField reflect.StructField, goType reflect.Type) int {
	if kind, ok := special[goType]; ok {
		return kind
	}
	_, writesItself := reflect.New(goType).Interface().(interface{ MarshalJSON() ([]byte, error) })
	switch kind := goType.Kind(); {
	case writesItself:
	case kind == reflect.Slice && isMessage(goType) && goType.Elem().Kind() == reflect.String:
		return kindTexts
	case kind == reflect.Slice && goType.Elem().Kind() == reflect.Uint8:
		return kindData
	case kind == reflect.String:
		return kindText
	case kind == reflect.Int32 || kind == reflect.Int64:
		return kindInteger
	case kind == reflect.Bool:
		return kindBoolean
	case kind == reflect.Float64:
		return kindDouble
	case kind == reflect.Struct:
		return kindMessage
	}
	panic(fmt.Sprintf("%v.%s: the reader knows nothing like %v", in, goField.Name, goType))
}
