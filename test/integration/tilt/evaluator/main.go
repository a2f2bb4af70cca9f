// Evaluates a Tiltfile without Tilt and prints, as JSON, what it would make of it. The builtins take
// the arguments of Tilt's own, refuse what those refuse, and do nothing but write down their calls.
package main

import (
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"path/filepath"

	"go.starlark.net/starlark"
	"go.starlark.net/starlarkstruct"
	"go.starlark.net/syntax"
)

const usage = "usage: evaluator TILTFILE [ARGUMENTS OF THE TILTFILE]"

func main() {
	if len(os.Args) < 2 {
		fmt.Fprintln(os.Stderr, usage)
		os.Exit(64)
	}
	main, err := filepath.Abs(os.Args[1])
	if err == nil {
		err = evaluate(main, os.Args[2:])
	}
	if err == nil {
		return
	}
	var failed *starlark.EvalError
	if errors.As(err, &failed) {
		fmt.Fprintln(os.Stderr, failed.Backtrace())
	} else {
		fmt.Fprintln(os.Stderr, err)
	}
	// Tilt's own exit code for an error in a Tiltfile.
	os.Exit(5)
}

func evaluate(main string, args []string) error {
	e := newEvaluation(main, args)
	if _, err := e.exec(main); err != nil {
		return err
	}
	if err := e.finish(); err != nil {
		return err
	}
	encoder := json.NewEncoder(os.Stdout)
	encoder.SetIndent("", " ")
	return encoder.Encode(e.result)
}

// evaluation is one run of a main Tiltfile and of those that it loads.
type evaluation struct {
	main     string
	settings settings
	globals  starlark.StringDict
	loaded   map[string]starlark.StringDict
	// The files being executed, the innermost last: relative paths are relative to its folder.
	executing []string
	options   map[string]workloadOptions
	result    result
}

// Tilt allows statements at the top and names given again.
var dialect = &syntax.FileOptions{TopLevelControl: true, GlobalReassign: true, Set: true}

func newEvaluation(main string, args []string) *evaluation {
	e := &evaluation{
		main:     main,
		settings: newSettings(args),
		loaded:   map[string]starlark.StringDict{},
		options:  map[string]workloadOptions{},
	}
	e.globals = e.builtins()
	return e
}

func (e *evaluation) exec(path string) (starlark.StringDict, error) {
	if known, ok := e.loaded[path]; ok {
		if known == nil {
			return nil, fmt.Errorf("%s loads itself", path)
		}
		return known, nil
	}
	e.loaded[path] = nil
	e.executing = append(e.executing, path)
	defer func() { e.executing = e.executing[:len(e.executing)-1] }()
	e.result.Files = append(e.result.Files, path)
	thread := &starlark.Thread{
		Name:  path,
		Print: func(_ *starlark.Thread, text string) { fmt.Fprintln(os.Stderr, text) },
		Load: func(_ *starlark.Thread, name string) (starlark.StringDict, error) {
			return e.exec(filepath.Join(filepath.Dir(path), name))
		},
	}
	globals, err := starlark.ExecFileOptions(dialect, thread, path, nil, e.globals)
	if err == nil {
		e.loaded[path] = globals
	}
	return globals, err
}

// absolute is the path as Tilt takes it: from the folder of the file that is being executed.
func (e *evaluation) absolute(path string) string {
	if filepath.IsAbs(path) {
		return filepath.Clean(path)
	}
	return filepath.Join(filepath.Dir(e.executing[len(e.executing)-1]), path)
}

// named is the same for a path that has to exist.
func (e *evaluation) named(path string) string {
	full := e.absolute(path)
	e.result.Paths = append(e.result.Paths, full)
	return full
}

func module(name string, members starlark.StringDict) *starlarkstruct.Module {
	return &starlarkstruct.Module{Name: name, Members: members}
}
