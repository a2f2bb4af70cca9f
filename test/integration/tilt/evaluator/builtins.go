package main

import (
	"fmt"
	"os"
	"path/filepath"

	"go.starlark.net/starlark"
)

type call func(values map[string]any) (starlark.Value, error)

// builtin is a function of this signature; see parameters.
func (e *evaluation) builtin(name, signature string, run call) *starlark.Builtin {
	return starlark.NewBuiltin(name, func(
		_ *starlark.Thread, fn *starlark.Builtin, args starlark.Tuple, kwargs []starlark.Tuple,
	) (starlark.Value, error) {
		values, err := e.unpack(fn.Name(), signature, args, kwargs)
		if err != nil {
			return nil, err
		}
		value, err := run(values)
		if err != nil {
			return nil, fmt.Errorf("%s: %w", fn.Name(), err)
		}
		return value, nil
	})
}

// makes is a builtin whose value is for others.
func (e *evaluation) makes(kind, signature string) *starlark.Builtin {
	return e.builtin(kind, signature, func(values map[string]any) (starlark.Value, error) {
		return &made{kind, values}, nil
	})
}

func done(err error) (starlark.Value, error) { return starlark.None, err }

const (
	localResource = "name:string! cmd:command deps:paths trigger_mode:trigger resource_deps:list " +
		"ignore:strings auto_init:bool serve_cmd:command cmd_bat:command serve_cmd_bat:command " +
		"allow_parallel:bool links:links labels:strings env:dict serve_env:dict " +
		"readiness_probe:probe dir:path serve_dir:path"
	kubernetesResource = "workload:string new_name:string port_forwards:port_forwards " +
		"extra_pod_selectors:any trigger_mode:trigger resource_deps:list objects:list " +
		"auto_init:bool pod_readiness:string links:links labels:strings discovery_strategy:string"
	dockerBuild = "ref:string! context:path! build_args:dict dockerfile:path " +
		"dockerfile_contents:string live_update:steps match_in_env_vars:bool ignore:strings " +
		"only:strings entrypoint:command target:string ssh:strings network:string secret:strings " +
		"extra_tag:strings container_args:list cache_from:strings pull:bool platform:string " +
		"extra_hosts:strings"
	probe = "initial_delay_secs:int timeout_secs:int period_secs:int success_threshold:int " +
		"failure_threshold:int exec:exec_action http_get:http_get_action tcp_socket:tcp_socket_action"
	metadata = "name:string! labels:dict annotations:dict "
)

func (e *evaluation) builtins() starlark.StringDict {
	all := starlark.StringDict{
		"TRIGGER_MODE_AUTO":   starlark.MakeInt(0),
		"TRIGGER_MODE_MANUAL": starlark.MakeInt(1),
		"config":              e.configModule(),
		"os":                  e.osModule(),
		"v1alpha1":            e.objectsModule(),
		"link":                e.makes("link", "url:string! name:string"),
		"probe":               e.makes("probe", probe),
		"http_get_action":     e.makes("http_get_action", "port:int! host:string scheme:string path:string"),
		"tcp_socket_action":   e.makes("tcp_socket_action", "port:int! host:string"),
		"exec_action":         e.makes("exec_action", "command:list!"),
		"port_forward": e.makes("port_forward",
			"local_port:int! container_port:int name:string link_path:string host:string"),
		"fall_back_on": e.makes("fall_back_on", "files:paths!"),
		"initial_sync": e.makes("initial_sync", ""),
		"sync":         e.makes("sync", "local_path:path! remote_path:string!"),
		"run":          e.makes("run", "cmd:command! trigger:strings echo_off:bool"),
	}
	for name, value := range e.resourceBuiltins() {
		all[name] = value
	}
	for name, value := range e.fileBuiltins() {
		all[name] = value
	}
	return all
}

func (e *evaluation) resourceBuiltins() starlark.StringDict {
	record := func(name, signature string, keep func(map[string]any) error) *starlark.Builtin {
		return e.builtin(name, signature, func(values map[string]any) (starlark.Value, error) {
			return done(keep(values))
		})
	}
	setting := func(name, signature string) *starlark.Builtin {
		return record(name, signature, func(map[string]any) error { return nil })
	}
	return starlark.StringDict{
		"local_resource": record("local_resource", localResource, e.addLocal),
		"k8s_resource":   record("k8s_resource", kubernetesResource, e.configureWorkload),
		"docker_build":   record("docker_build", dockerBuild, e.addImage),
		"k8s_yaml":       record("k8s_yaml", "yaml:any! allow_duplicates:bool", e.addYaml),
		"allow_k8s_contexts": record("allow_k8s_contexts", "contexts:strings!",
			func(values map[string]any) error {
				e.result.Contexts = append(e.result.Contexts, values["contexts"].([]string)...)
				return nil
			}),
		// Which cluster is Tilt's own to know: here there is none.
		"k8s_context": e.builtin("k8s_context", "", func(map[string]any) (starlark.Value, error) {
			return starlark.String("a-context"), nil
		}),
		"version_settings": setting("version_settings", "check_updates:bool constraint:string"),
		"ci_settings": setting("ci_settings",
			"k8s_grace_period:string timeout:string readiness_timeout:string"),
		"update_settings": setting("update_settings", "max_parallel_updates:int "+
			"k8s_upsert_timeout_secs:int suppress_unused_image_warnings:strings "+
			"k8s_server_side_apply:string"),
		"watch_settings": setting("watch_settings", "ignore:strings!"),
		"watch_file":     setting("watch_file", "file_path:path!"),
		"warn":           setting("warn", "msg:string!"),
		"fail": record("fail", "msg:string!", func(values map[string]any) error {
			return fmt.Errorf("%s", values["msg"])
		}),
	}
}

func (e *evaluation) osModule() starlark.Value {
	join := starlark.NewBuiltin("os.path.join", func(
		_ *starlark.Thread, _ *starlark.Builtin, args starlark.Tuple, kwargs []starlark.Tuple,
	) (starlark.Value, error) {
		var parts []string
		for _, arg := range args {
			part, ok := text(arg)
			if !ok || len(kwargs) > 0 {
				return nil, fmt.Errorf("os.path.join: wants strings")
			}
			parts = append(parts, part)
		}
		return starlark.String(filepath.Join(parts...)), nil
	})
	exists := e.builtin("os.path.exists", "path:string!", func(v map[string]any) (starlark.Value, error) {
		_, err := os.Stat(e.absolute(v["path"].(string)))
		return starlark.Bool(err == nil), nil
	})
	path := module("os.path", starlark.StringDict{"join": join, "exists": exists})
	return module("os", starlark.StringDict{"path": path})
}

// objectsModule is the API of Tilt itself: buttons, and the commands that they start.
func (e *evaluation) objectsModule() starlark.Value {
	keep := func(kind string) call {
		return func(values map[string]any) (starlark.Value, error) {
			values["kind"] = kind
			e.result.Objects = append(e.result.Objects, values)
			return starlark.None, nil
		}
	}
	return module("v1alpha1", starlark.StringDict{
		"ui_component_location": e.makes("ui_component_location",
			"component_id:string component_type:string"),
		"start_on_spec": e.makes("start_on_spec", "ui_buttons:list"),
		"ui_button": e.builtin("v1alpha1.ui_button", metadata+"location:ui_component_location "+
			"text:string icon_name:string icon_svg:string disabled:bool requires_confirmation:bool "+
			"show_inputs_as_modal:bool inputs:any", keep("UIButton")),
		"cmd": e.builtin("v1alpha1.cmd", metadata+"args:list dir:path env:list "+
			"readiness_probe:any restart_on:any start_on:start_on_spec disable_source:any", keep("Cmd")),
	})
}
