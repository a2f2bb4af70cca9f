package main

import (
	"fmt"
	"os"
	"path/filepath"
	"strings"

	"go.starlark.net/starlark"
)

// result is what is printed: the resources in their order, and all that they are made of.
type result struct {
	Files     []string         `json:"files"`
	Resources []map[string]any `json:"resources"`
	Images    []map[string]any `json:"images"`
	Objects   []map[string]any `json:"objects"`
	Yaml      []object         `json:"yaml"`
	// Every path that the Tiltfile named.
	Paths    []string `json:"paths"`
	Contexts []string `json:"contexts"`
	// Absent: all of them.
	Enabled []string `json:"enabled,omitempty"`
}

// object is one of Kubernetes.
type object struct {
	ApiVersion string   `json:"apiVersion"`
	Kind       string   `json:"kind"`
	Namespace  string   `json:"namespace"`
	Name       string   `json:"name"`
	Images     []string `json:"images"`
	// In the environment of its containers.
	ImagesInEnv []string `json:"imagesInEnv"`
	resource    string
}

type workloadOptions map[string]any

func (e *evaluation) addLocal(values map[string]any) error {
	if len(strs(values["cmd"])) == 0 && len(strs(values["serve_cmd"])) == 0 {
		return fmt.Errorf("local_resource must have a cmd and/or a serve_cmd, but both were empty")
	}
	if values["readiness_probe"] != nil && values["serve_cmd"] == nil {
		return fmt.Errorf("%s has a readiness_probe and no serve_cmd", values["name"])
	}
	values["kind"] = "local"
	return e.addResource(values)
}

func (e *evaluation) addResource(values map[string]any) error {
	name := values["name"].(string)
	if strings.ContainsAny(name, "/%") || name == "" {
		return fmt.Errorf("%q cannot be the name of a resource", name)
	}
	for _, known := range e.result.Resources {
		if known["name"] == name {
			return fmt.Errorf("resource %s has been defined multiple times", name)
		}
	}
	e.result.Resources = append(e.result.Resources, values)
	return nil
}

func (e *evaluation) configureWorkload(values map[string]any) error {
	name, _ := values["workload"].(string)
	if name == "" {
		return fmt.Errorf("a workload must be named here")
	}
	if _, twice := e.options[name]; twice {
		return fmt.Errorf("k8s_resource already called for %s", name)
	}
	e.options[name] = values
	return nil
}

func (e *evaluation) addImage(values map[string]any) error {
	for _, known := range e.result.Images {
		if known["ref"] == values["ref"] {
			return fmt.Errorf("image for ref %q has already been defined", values["ref"])
		}
	}
	e.result.Images = append(e.result.Images, values)
	return checkLiveUpdate(values)
}

// The rules of a live update: what falls back comes first, and all of it is watched.
func checkLiveUpdate(image map[string]any) error {
	steps, _ := image["live_update"].([]map[string]any)
	begun := false
	for _, step := range steps {
		var paths []string
		switch step["kind"] {
		case "fall_back_on":
			if begun {
				return fmt.Errorf("fall_back_on steps must appear at the start of the list")
			}
			paths = strs(step["files"])
		case "sync":
			begun = true
			paths = []string{step["local_path"].(string)}
			if remote := step["remote_path"].(string); !filepath.IsAbs(remote) {
				return fmt.Errorf("sync destination %q is not absolute", remote)
			}
		}
		for _, path := range paths {
			if !isWatched(image, path) {
				return fmt.Errorf("%s is not in the context of %s, or not in its only", path, image["ref"])
			}
		}
	}
	return nil
}

func isWatched(image map[string]any, path string) bool {
	context := image["context"].(string)
	inside := func(folder string) bool {
		return path == folder || strings.HasPrefix(path, folder+"/")
	}
	only := strs(image["only"])
	for _, part := range only {
		if inside(filepath.Join(context, part)) {
			return true
		}
	}
	return len(only) == 0 && inside(context)
}

func (e *evaluation) addYaml(values map[string]any) error {
	for _, element := range elements(values["yaml"].(starlark.Value)) {
		written, isBlob := element.(blob)
		if !isBlob {
			path, ok := text(element)
			if !ok {
				return fmt.Errorf("got %s, want a path or a blob", element.Type())
			}
			content, err := os.ReadFile(e.named(path))
			if err != nil {
				return err
			}
			written = blob{string(content)}
		}
		documents, err := documentsOf(written.text)
		if err != nil {
			return err
		}
		for _, document := range documents {
			if err := e.addObject(document); err != nil {
				return err
			}
		}
	}
	return nil
}

func (e *evaluation) addObject(document any) error {
	read := object{
		ApiVersion: textAt(document, "apiVersion"),
		Kind:       textAt(document, "kind"),
		Namespace:  textAt(document, "metadata", "namespace"),
		Name:       textAt(document, "metadata", "name"),
	}
	for _, container := range listAt(document, "spec", "template", "spec", "containers") {
		read.Images = append(read.Images, textAt(container, "image"))
		for _, variable := range listAt(container, "env") {
			if value := textAt(variable, "value"); value != "" {
				read.ImagesInEnv = append(read.ImagesInEnv, value)
			}
		}
	}
	for _, known := range e.result.Yaml {
		if known.Kind == read.Kind && known.Namespace == read.Namespace && known.Name == read.Name &&
			known.ApiVersion == read.ApiVersion {
			return fmt.Errorf("duplicate YAML: %s %s", read.Kind, read.Name)
		}
	}
	e.result.Yaml = append(e.result.Yaml, read)
	return nil
}

func at(value any, path ...string) any {
	for _, key := range path {
		fields, ok := value.(map[string]any)
		if !ok {
			return nil
		}
		value = fields[key]
	}
	return value
}

func textAt(value any, path ...string) string {
	found, _ := at(value, path...).(string)
	return found
}

func listAt(value any, path ...string) []any {
	found, _ := at(value, path...).([]any)
	return found
}

func strs(value any) []string {
	found, _ := value.([]string)
	return found
}
