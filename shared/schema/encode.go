package main

import (
	"encoding/binary"
	"fmt"
	"strings"
)

// encode writes the schema in columns, each of one sort of number or text, because that is what compresses well.
// README.md describes them.
func encode(roots []root) ([]byte, error) {
	w := &writer{names: map[string]int{}, ids: map[*message]int{}}
	same := deduplicate(roots)
	for _, root := range roots {
		w.root(root, roots, same)
	}
	// A message may name others, which are then written after it.
	for i := 0; i < len(w.order); i++ {
		w.message(w.order[i], same)
	}
	var out []byte
	for _, column := range [][]byte{
		[]byte(w.nameText.String()), []byte(w.rootText.String()),
		w.rootMessages, w.sizes, w.numbers, w.fieldNames, w.forms, w.messages,
	} {
		out = binary.AppendUvarint(out, uint64(len(column)))
		out = append(out, column...)
	}
	return out, nil
}

type writer struct {
	names                                                     map[string]int
	ids                                                       map[*message]int
	order                                                     []*message
	version                                                   string
	nameText, rootText                                        strings.Builder
	rootMessages, sizes, numbers, fieldNames, forms, messages []byte
}

// Kinds whose list is the usual one are marked instead of the list being written.
func (w *writer) root(root root, roots []root, same func(*message) *message) {
	if element(root, roots, same) != nil {
		return
	}
	version := root.gvk.GroupVersion().String()
	if version != w.version {
		if w.version != "" {
			w.rootText.WriteByte('\n')
		}
		w.rootText.WriteString(version)
		w.version = version
	}
	w.rootText.WriteByte(' ')
	w.rootText.WriteString(root.gvk.Kind)
	if !root.typed {
		w.rootText.WriteByte('-')
	}
	for _, list := range roots {
		if list.gvk.GroupVersion() == root.gvk.GroupVersion() && list.gvk.Kind == root.gvk.Kind+"List" && element(list, roots, same) != nil {
			w.rootText.WriteByte('+')
		}
	}
	w.rootMessages = w.reference(w.rootMessages, same(root.message))
}

// element is the message of a usual list's items: one of metadata and items, of the kind that it is named after.
func element(list root, roots []root, same func(*message) *message) *message {
	kind, isList := strings.CutSuffix(list.gvk.Kind, "List")
	fields := list.message.fields
	if !isList || len(fields) != 2 || fields[0].name != "metadata" || fields[0].number != 1 || fields[0].kind != kindMessage || fields[0].mode != modeOne ||
		fields[1].name != "items" || fields[1].number != 2 || fields[1].mode != modeList || fields[1].omit || fields[1].kind != kindMessage {
		return nil
	}
	for _, one := range roots {
		if one.gvk.GroupVersion() == list.gvk.GroupVersion() && one.gvk.Kind == kind && same(one.message) == same(fields[1].message) {
			return same(one.message)
		}
	}
	return nil
}

func (w *writer) message(m *message, same func(*message) *message) {
	w.sizes = binary.AppendUvarint(w.sizes, uint64(len(m.fields)))
	previous := 0
	for _, field := range m.fields {
		w.numbers = binary.AppendVarint(w.numbers, int64(field.number-previous-1))
		previous = field.number
		w.fieldNames = w.name(w.fieldNames, field.name)
		form := byte(field.kind | field.mode<<5)
		if field.omit {
			form |= 1 << 7
		}
		w.forms = append(w.forms, form)
		if field.message != nil {
			w.messages = w.reference(w.messages, same(field.message))
		}
	}
}

// A name or a message that was not there yet is 0, so that it costs nearly nothing.
func (w *writer) name(column []byte, name string) []byte {
	id, known := w.names[name]
	if known {
		return binary.AppendUvarint(column, uint64(id+1))
	}
	w.names[name] = len(w.names)
	if w.nameText.Len() > 0 {
		w.nameText.WriteByte('\n')
	}
	w.nameText.WriteString(name)
	return append(column, 0)
}

func (w *writer) reference(column []byte, m *message) []byte {
	id, known := w.ids[m]
	if known {
		return binary.AppendUvarint(column, uint64(id+1))
	}
	w.ids[m] = len(w.order)
	w.order = append(w.order, m)
	return append(column, 0)
}

// deduplicate finds messages that say the same, as those of two versions of one kind often do: it takes all for the
// same at first, and tells them apart by what they say until nothing changes.
func deduplicate(roots []root) func(*message) *message {
	var all []*message
	seen := map[*message]bool{}
	var visit func(*message)
	visit = func(m *message) {
		if m == nil || seen[m] {
			return
		}
		seen[m] = true
		all = append(all, m)
		for _, field := range m.fields {
			visit(field.message)
		}
	}
	for _, root := range roots {
		visit(root.message)
	}

	class := map[*message]int{}
	for count := 1; ; {
		classes := map[string]int{}
		next := map[*message]int{}
		for _, m := range all {
			var says strings.Builder
			for _, f := range m.fields {
				fmt.Fprintln(&says, f.name, f.number, f.kind, f.mode, f.omit, f.message != nil, class[f.message])
			}
			id, known := classes[says.String()]
			if !known {
				id = len(classes)
				classes[says.String()] = id
			}
			next[m] = id
		}
		class = next
		if len(classes) == count {
			break
		}
		count = len(classes)
	}
	first := map[int]*message{}
	for _, m := range all {
		if _, known := first[class[m]]; !known {
			first[class[m]] = m
		}
	}
	return func(m *message) *message { return first[class[m]] }
}
