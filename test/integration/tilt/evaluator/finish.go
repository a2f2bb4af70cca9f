package main

import (
	"fmt"
	"strings"
)

var workloadKinds = map[string]bool{
	"Deployment": true, "StatefulSet": true, "DaemonSet": true, "Job": true, "CronJob": true, "Pod": true,
}

// finish assembles the resources of Kubernetes as Tilt does, and refuses what it would refuse.
func (e *evaluation) finish() error {
	for index := range e.result.Yaml {
		workload := &e.result.Yaml[index]
		if !workloadKinds[workload.Kind] {
			continue
		}
		if err := e.addWorkload(workload); err != nil {
			return err
		}
	}
	for name := range e.options {
		return fmt.Errorf("k8s_resource specified unknown resource %q", name)
	}
	if err := e.checkImages(); err != nil {
		return err
	}
	return e.checkNames()
}

func (e *evaluation) addWorkload(workload *object) error {
	options, known := e.options[workload.Name]
	if !known {
		options = workloadOptions{}
	}
	delete(e.options, workload.Name)
	name := workload.Name
	if renamed, _ := options["new_name"].(string); renamed != "" {
		name = renamed
	}
	workload.resource = name
	for _, selector := range strs(options["objects"]) {
		if err := e.take(selector, name); err != nil {
			return err
		}
	}
	options["kind"] = "k8s"
	options["name"] = name
	options["workload"] = fmt.Sprintf("%s/%s", workload.Namespace, workload.Name)
	return e.addResource(options)
}

// take gives the one object of a selector, name:kind:namespace, to a resource.
func (e *evaluation) take(selector, resource string) error {
	parts := strings.Split(strings.ToLower(selector), ":")
	matches := func(one *object) bool {
		fields := []string{one.Name, one.Kind, one.Namespace}
		for index, part := range parts {
			if index >= len(fields) || (part != "" && strings.ToLower(fields[index]) != part) {
				return false
			}
		}
		return true
	}
	var found []*object
	for index := range e.result.Yaml {
		if one := &e.result.Yaml[index]; matches(one) {
			found = append(found, one)
		}
	}
	if len(found) != 1 {
		return fmt.Errorf("%q matches %d objects, want exactly one", selector, len(found))
	}
	if found[0].resource != "" {
		return fmt.Errorf("%q belongs to %s already", selector, found[0].resource)
	}
	found[0].resource = resource
	return nil
}

func withoutTag(image string) string {
	name, _, _ := strings.Cut(image, ":")
	return name
}

// checkImages refuses an image that nothing runs: an edit of it would change nothing.
func (e *evaluation) checkImages() error {
	used := map[string]bool{}
	for _, one := range e.result.Yaml {
		for _, image := range one.Images {
			used[withoutTag(image)] = true
		}
		for _, image := range one.ImagesInEnv {
			used["env "+withoutTag(image)] = true
		}
	}
	for _, image := range e.result.Images {
		ref := withoutTag(image["ref"].(string))
		inEnv, _ := image["match_in_env_vars"].(bool)
		if !used[ref] && !(inEnv && used["env "+ref]) {
			return fmt.Errorf("image %s is not used in any of the objects", ref)
		}
	}
	return nil
}

func (e *evaluation) checkNames() error {
	known := map[string]bool{}
	for _, resource := range e.result.Resources {
		known[resource["name"].(string)] = true
	}
	for _, resource := range e.result.Resources {
		for _, needed := range strs(resource["resource_deps"]) {
			if !known[needed] {
				return fmt.Errorf("resource %s specified a dependency on unknown resource %s",
					resource["name"], needed)
			}
		}
	}
	for _, name := range e.result.Enabled {
		if !known[name] {
			return fmt.Errorf("the resource %q could not be found", name)
		}
	}
	return nil
}
