package main

import (
	"fmt"
	"strings"

	"go.starlark.net/starlark"
)

// A value that one builtin makes for another: a probe, a link, a step of a live update.
type made struct {
	kind   string
	fields map[string]any
}

func (m *made) String() string        { return fmt.Sprintf("<%s>", m.kind) }
func (m *made) Type() string          { return m.kind }
func (m *made) Freeze()               {}
func (m *made) Truth() starlark.Bool  { return true }
func (m *made) Hash() (uint32, error) { return 0, fmt.Errorf("unhashable: %s", m.kind) }

// Text that is content and not the name of a file.
type blob struct{ text string }

func (b blob) String() string        { return b.text }
func (b blob) Type() string          { return "blob" }
func (b blob) Freeze()               {}
func (b blob) Truth() starlark.Bool  { return len(b.text) > 0 }
func (b blob) Hash() (uint32, error) { return starlark.String(b.text).Hash() }

type parameter struct {
	name     string
	kind     string
	required bool
}

// parameters reads a signature such as "name:string! deps:paths"; ! is required.
func parameters(signature string) []parameter {
	var all []parameter
	for _, word := range strings.Fields(signature) {
		name, kind, _ := strings.Cut(word, ":")
		required := strings.HasSuffix(kind, "!")
		all = append(all, parameter{name, strings.TrimSuffix(kind, "!"), required})
	}
	return all
}

// unpack gives each argument under the name of its parameter, converted by its kind.
func (e *evaluation) unpack(
	fn string, signature string, args starlark.Tuple, kwargs []starlark.Tuple,
) (map[string]any, error) {
	known := parameters(signature)
	given := map[string]starlark.Value{}
	if len(args) > len(known) {
		return nil, fmt.Errorf("%s: got %d arguments, want at most %d", fn, len(args), len(known))
	}
	for index, value := range args {
		given[known[index].name] = value
	}
	for _, pair := range kwargs {
		name := string(pair[0].(starlark.String))
		if _, twice := given[name]; twice {
			return nil, fmt.Errorf("%s: got multiple values for %q", fn, name)
		}
		given[name] = pair[1]
	}
	values := map[string]any{}
	for _, one := range known {
		value, ok := given[one.name]
		delete(given, one.name)
		if !ok || value == starlark.None {
			if one.required {
				return nil, fmt.Errorf("%s: missing argument for %s", fn, one.name)
			}
			continue
		}
		converted, err := e.convert(one.kind, value)
		if err != nil {
			return nil, fmt.Errorf("%s: for parameter %q: %w", fn, one.name, err)
		}
		values[one.name] = converted
	}
	for name := range given {
		return nil, fmt.Errorf("%s: unexpected keyword argument %q", fn, name)
	}
	return values, nil
}

func wrong(kind string, value starlark.Value) error {
	return fmt.Errorf("got %s, want %s", value.Type(), kind)
}

// elements are those of a list or tuple, or the value alone.
func elements(value starlark.Value) []starlark.Value {
	list, ok := value.(starlark.Iterable)
	if _, isText := value.(starlark.String); !ok || isText {
		return []starlark.Value{value}
	}
	if _, isDict := value.(*starlark.Dict); isDict {
		return []starlark.Value{value}
	}
	all := []starlark.Value{}
	iterator := list.Iterate()
	defer iterator.Done()
	var element starlark.Value
	for iterator.Next(&element) {
		all = append(all, element)
	}
	return all
}

func text(value starlark.Value) (string, bool) {
	if content, ok := value.(blob); ok {
		return content.text, true
	}
	return starlark.AsString(value)
}

func (e *evaluation) convert(kind string, value starlark.Value) (any, error) {
	switch kind {
	case "string", "path":
		written, ok := text(value)
		if !ok {
			return nil, wrong(kind, value)
		}
		if kind == "path" {
			return e.named(written), nil
		}
		return written, nil
	case "bool":
		truth, ok := value.(starlark.Bool)
		if !ok {
			return nil, wrong(kind, value)
		}
		return bool(truth), nil
	case "int", "trigger":
		var number int
		if err := starlark.AsInt(value, &number); err != nil {
			return nil, wrong(kind, value)
		}
		return number, nil
	case "strings", "paths", "list", "command":
		return e.convertTexts(kind, value)
	case "dict":
		return convertDict(value)
	case "any":
		return value, nil
	}
	return convertMade(kind, value)
}

func (e *evaluation) convertTexts(kind string, value starlark.Value) ([]string, error) {
	_, isText := text(value)
	if kind == "list" && isText {
		return nil, wrong("list of strings", value)
	}
	if kind == "command" && isText {
		// As Tilt runs it.
		written, _ := text(value)
		return []string{"sh", "-c", written}, nil
	}
	all := []string{}
	for _, element := range elements(value) {
		written, ok := text(element)
		if !ok {
			return nil, wrong("strings", element)
		}
		if kind == "paths" {
			written = e.named(written)
		}
		all = append(all, written)
	}
	return all, nil
}

func convertDict(value starlark.Value) (map[string]string, error) {
	dict, ok := value.(*starlark.Dict)
	if !ok {
		return nil, wrong("dict", value)
	}
	all := map[string]string{}
	for _, item := range dict.Items() {
		key, keyOk := text(item[0])
		one, oneOk := text(item[1])
		if !keyOk || !oneOk {
			return nil, fmt.Errorf("a dict of strings to strings is wanted, got %s", dict)
		}
		all[key] = one
	}
	return all, nil
}

// convertMade takes what another builtin made, or what stands for it ("8080", a URL); a kind that
// ends in s is a list of those.
func convertMade(kind string, value starlark.Value) (any, error) {
	single := strings.TrimSuffix(kind, "s")
	all := []map[string]any{}
	for _, element := range elements(value) {
		one, ok := element.(*made)
		if !ok {
			short := shorthand(single, element)
			if short == nil {
				return nil, wrong(single, element)
			}
			one = short
		}
		if one.kind != single && !(single == "step" && isStep(one.kind)) {
			return nil, fmt.Errorf("got %s, want %s", one.kind, single)
		}
		fields := map[string]any{"kind": one.kind}
		for name, field := range one.fields {
			fields[name] = field
		}
		all = append(all, fields)
	}
	if single != kind {
		return all, nil
	}
	if len(all) != 1 {
		return nil, wrong(kind, value)
	}
	return all[0], nil
}

func shorthand(kind string, value starlark.Value) *made {
	switch kind {
	case "link":
		if url, ok := starlark.AsString(value); ok {
			return &made{"link", map[string]any{"url": url, "name": ""}}
		}
	case "port_forward":
		var port int
		if starlark.AsInt(value, &port) == nil {
			return &made{"port_forward", map[string]any{"local_port": port}}
		}
	}
	return nil
}

func isStep(kind string) bool {
	return kind == "sync" || kind == "run" || kind == "fall_back_on" || kind == "initial_sync"
}
