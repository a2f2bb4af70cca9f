package main

import (
	"fmt"
	"strings"

	"go.starlark.net/starlark"
)

// settings are what a Tiltfile can be told: `tilt up -- --only=stores`.
type settings struct {
	args    []string
	defined map[string]string
}

func newSettings(args []string) settings {
	return settings{args: args, defined: map[string]string{}}
}

func (e *evaluation) configModule() starlark.Value {
	define := func(kind string) *starlark.Builtin {
		return e.builtin("config.define_"+kind, "name:string! args:bool usage:string",
			func(values map[string]any) (starlark.Value, error) {
				name := values["name"].(string)
				if _, twice := e.settings.defined[name]; twice {
					return nil, fmt.Errorf("%s defined multiple times", name)
				}
				e.settings.defined[name] = kind
				return starlark.None, nil
			})
	}
	enable := e.builtin("config.set_enabled_resources", "resources:list!",
		func(values map[string]any) (starlark.Value, error) {
			e.result.Enabled = values["resources"].([]string)
			return starlark.None, nil
		})
	parse := e.builtin("config.parse", "", func(map[string]any) (starlark.Value, error) {
		return e.settings.parse()
	})
	main := e.main
	return module("config", starlark.StringDict{
		"define_bool":           define("bool"),
		"define_string":         define("string"),
		"define_string_list":    define("string_list"),
		"parse":                 parse,
		"set_enabled_resources": enable,
		"tilt_subcommand":       starlark.String("alpha tiltfile-result"),
		"main_path":             starlark.String(main),
		"main_dir":              starlark.String(main[:strings.LastIndex(main, "/")]),
	})
}

// parse reads flags as Tilt does: --name, --name=value, --name value.
func (s settings) parse() (starlark.Value, error) {
	parsed := starlark.NewDict(len(s.defined))
	for index := 0; index < len(s.args); index++ {
		name, value, hasValue := strings.Cut(strings.TrimLeft(s.args[index], "-"), "=")
		kind, known := s.defined[name]
		if !known || !strings.HasPrefix(s.args[index], "-") {
			return nil, fmt.Errorf("invalid Tiltfile config args: unknown %s", s.args[index])
		}
		if !hasValue && kind != "bool" {
			index++
			if index == len(s.args) {
				return nil, fmt.Errorf("flag needs an argument: --%s", name)
			}
			value = s.args[index]
		}
		if err := s.set(parsed, name, value, hasValue); err != nil {
			return nil, err
		}
	}
	return parsed, nil
}

func (s settings) set(parsed *starlark.Dict, name, value string, hasValue bool) error {
	key := starlark.String(name)
	switch s.defined[name] {
	case "bool":
		truth := !hasValue || strings.EqualFold(value, "true")
		return parsed.SetKey(key, starlark.Bool(truth))
	case "string_list":
		earlier, found, err := parsed.Get(key)
		if err != nil || !found {
			return parsed.SetKey(key, starlark.NewList([]starlark.Value{starlark.String(value)}))
		}
		return earlier.(*starlark.List).Append(starlark.String(value))
	}
	return parsed.SetKey(key, starlark.String(value))
}
