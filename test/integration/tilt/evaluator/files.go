package main

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"os"
	"os/exec"
	"path/filepath"

	"go.starlark.net/starlark"
	"gopkg.in/yaml.v3"
)

func (e *evaluation) fileBuiltins() starlark.StringDict {
	here := func(path string) string { return filepath.Join(filepath.Dir(e.main), path) }
	return starlark.StringDict{
		"read_json": e.builtin("read_json", "path:path! default:any",
			func(values map[string]any) (starlark.Value, error) {
				content, err := os.ReadFile(values["path"].(string))
				if err != nil {
					return nil, err
				}
				var read any
				if err := json.Unmarshal(content, &read); err != nil {
					return nil, err
				}
				return fromPlain(read)
			}),
		"decode_yaml_stream": e.builtin("decode_yaml_stream", "yaml:string!",
			func(values map[string]any) (starlark.Value, error) {
				documents, err := documentsOf(values["yaml"].(string))
				if err != nil {
					return nil, err
				}
				return fromPlain(documents)
			}),
		"kustomize": e.builtin("kustomize", "pathToDir:path! kustomize_bin:string flags:list",
			func(values map[string]any) (starlark.Value, error) {
				return render(values["pathToDir"].(string))
			}),
		"local": e.builtin("local", "command:command! quiet:bool command_bat:command echo_off:bool "+
			"env:dict dir:path stdin:string", func(values map[string]any) (starlark.Value, error) {
			words := values["command"].([]string)
			command := exec.Command(words[0], words[1:]...)
			command.Dir = here(".")
			output, err := command.Output()
			return blob{string(output)}, err
		}),
	}
}

// render prefers kustomize and takes kubectl's own otherwise, as Tilt does.
func render(folder string) (starlark.Value, error) {
	words := []string{"kustomize", "build", folder}
	if _, err := exec.LookPath("kustomize"); err != nil {
		words = []string{"kubectl", "kustomize", folder}
	}
	output, err := exec.Command(words[0], words[1:]...).Output()
	var failed *exec.ExitError
	if errors.As(err, &failed) {
		return nil, fmt.Errorf("%v: %s", words, failed.Stderr)
	}
	return blob{string(output)}, err
}

func documentsOf(text string) ([]any, error) {
	decoder := yaml.NewDecoder(bytes.NewBufferString(text))
	var documents []any
	for {
		var document any
		err := decoder.Decode(&document)
		if errors.Is(err, io.EOF) {
			return documents, nil
		}
		if err != nil {
			return nil, err
		}
		if document != nil {
			documents = append(documents, document)
		}
	}
}

// fromPlain is the value of what JSON or YAML held.
func fromPlain(value any) (starlark.Value, error) {
	switch plain := value.(type) {
	case nil:
		return starlark.None, nil
	case bool:
		return starlark.Bool(plain), nil
	case string:
		return starlark.String(plain), nil
	case int:
		return starlark.MakeInt(plain), nil
	case float64:
		if plain == float64(int(plain)) {
			return starlark.MakeInt(int(plain)), nil
		}
		return starlark.Float(plain), nil
	case []any:
		list := starlark.NewList(nil)
		for _, element := range plain {
			converted, err := fromPlain(element)
			if err != nil {
				return nil, err
			}
			if err := list.Append(converted); err != nil {
				return nil, err
			}
		}
		return list, nil
	case map[string]any:
		dict := starlark.NewDict(len(plain))
		for key, element := range plain {
			converted, err := fromPlain(element)
			if err != nil {
				return nil, err
			}
			if err := dict.SetKey(starlark.String(key), converted); err != nil {
				return nil, err
			}
		}
		return dict, nil
	}
	return nil, fmt.Errorf("a value of %T cannot be read", value)
}
