"""Bases of plugins and creators that are written in Python. They are plain classes, so that one plugin can derive from several;
adapters of the extension module make C++ plugins of them."""

from __future__ import annotations

from typing import Any

__all__ = [
    "PluginFieldCollection",
    "IPluginV2Ext",
    "IPluginV2DynamicExt",
    "IPluginCapability",
    "IPluginV3",
    "IPluginV3OneCore",
    "IPluginV3OneBuild",
    "IPluginV3OneBuildV2",
    "IPluginV3OneRuntime",
    "IPluginCreatorInterface",
    "IPluginCreator",
    "IPluginCreatorV3One",
    "IPluginResource",
    "IPluginResourceContext",
]


class PluginFieldCollection(list):
    """A list of PluginField."""


class _Base:
    """What the adapters look for: that the base's __init__ has run."""

    def __init__(self) -> None:
        self._base_is_ready = True


def _missing(self: Any, method: str) -> NotImplementedError:
    return NotImplementedError(f"{type(self).__name__} does not override {method}")


class IPluginV2Ext(_Base):
    """What plugins of the second generation have in common."""

    plugin_type: str = ""
    plugin_version: str = "1"
    plugin_namespace: str = ""
    num_outputs: int = 1

    def initialize(self) -> int | None:
        return 0

    def terminate(self) -> None:
        pass

    def destroy(self) -> None:
        pass

    def serialize(self) -> bytes:
        return b""

    def get_serialization_size(self) -> int:
        return len(self.serialize())

    @property
    def serialization_size(self) -> int:
        return self.get_serialization_size()

    def get_output_datatype(self, index: int, input_types: list) -> Any:
        return input_types[0]

    def clone(self) -> Any:
        raise _missing(self, "clone")


class IPluginV2DynamicExt(IPluginV2Ext):
    """Override get_output_dimensions, supports_format_combination, configure_plugin, enqueue and clone; serialize where there is
    something to keep. enqueue receives addresses of host memory as integers."""

    def get_output_dimensions(self, output_index: int, inputs: list, expr_builder: Any) -> Any:
        return inputs[0]

    def supports_format_combination(self, pos: int, in_out: list, num_inputs: int) -> bool:
        raise _missing(self, "supports_format_combination")

    def configure_plugin(self, inputs: list, outputs: list) -> None:
        pass

    def get_workspace_size(self, input_desc: list, output_desc: list) -> int:
        return 0

    def enqueue(self, input_desc: list, output_desc: list, inputs: list, outputs: list, workspace: int, stream: int) -> int | None:
        raise _missing(self, "enqueue")


class IPluginCapability(_Base):
    """Base of the capabilities of IPluginV3."""


class IPluginV3(_Base):
    """Return the object for each capability from get_capability_interface; usually one object is all of them."""

    def get_capability_interface(self, type: Any) -> Any:
        return self

    def clone(self) -> Any:
        raise _missing(self, "clone")

    def destroy(self) -> None:
        pass


class IPluginV3OneCore(IPluginCapability):
    plugin_name: str = ""
    plugin_version: str = "1"
    plugin_namespace: str = ""


class IPluginV3OneBuild(IPluginCapability):
    num_outputs: int = 1
    format_combination_limit: int = 100
    timing_cache_id: str = ""
    metadata_string: str = ""

    def configure_plugin(self, inputs: list, outputs: list) -> int | None:
        return None

    def get_output_data_types(self, input_types: list) -> list:
        return [input_types[0]] * self.num_outputs

    def get_output_shapes(self, inputs: list, shape_inputs: list, expr_builder: Any) -> list:
        raise _missing(self, "get_output_shapes")

    def supports_format_combination(self, pos: int, in_out: list, num_inputs: int) -> bool:
        raise _missing(self, "supports_format_combination")

    def get_workspace_size(self, inputs: list, outputs: list) -> int:
        return 0

    def get_valid_tactics(self) -> list[int]:
        return []


class IPluginV3OneBuildV2(IPluginV3OneBuild):
    def get_aliased_input(self, output_index: int) -> int:
        return -1


class IPluginV3OneRuntime(IPluginCapability):
    def set_tactic(self, tactic: int) -> int | None:
        return None

    def on_shape_change(self, inputs: list, outputs: list) -> int | None:
        return None

    def enqueue(self, input_desc: list, output_desc: list, inputs: list, outputs: list, workspace: int, stream: int) -> int | None:
        raise _missing(self, "enqueue")

    def attach_to_context(self, resource_context: Any) -> Any:
        return self.clone()  # type: ignore[attr-defined]

    def get_fields_to_serialize(self) -> PluginFieldCollection:
        return PluginFieldCollection()


class IPluginCreatorInterface(_Base):
    """What all creators have."""

    name: str = ""
    plugin_version: str = "1"
    plugin_namespace: str = ""

    def __init__(self) -> None:
        super().__init__()
        self.field_names = PluginFieldCollection()


class IPluginCreator(IPluginCreatorInterface):
    def create_plugin(self, name: str, field_collection: PluginFieldCollection) -> Any:
        raise _missing(self, "create_plugin")

    def deserialize_plugin(self, name: str, serialized_plugin: bytes) -> Any:
        raise _missing(self, "deserialize_plugin")


class IPluginCreatorV3One(IPluginCreatorInterface):
    def create_plugin(self, name: str, field_collection: PluginFieldCollection, phase: Any) -> Any:
        raise _missing(self, "create_plugin")


class IPluginResource(_Base):
    """Something that plugins share by a key: see IPluginRegistry.acquire_plugin_resource."""

    def release(self) -> int | None:
        return 0

    def clone(self) -> Any:
        raise _missing(self, "clone")


class IPluginResourceContext:
    """What an execution context offers to plugins; None on the CPU."""
