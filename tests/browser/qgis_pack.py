"""Fills in a field pack as an inspector does with QGIS: opens the file, edits a case, adds one, saves.

Reads {"file", "case", "values": {column: value}, "add": [x, y], "reason"} as JSON from its input. Writes
{"version", "layers": {name: rows}, "renderer", "classes", "widgets": {column: kind}, "titles", "key"} as
JSON.
"""
import json
import sys

from qgis.core import (QgsApplication, QgsFeatureRequest, QgsGeometry, QgsPointXY, QgsVectorLayer,
                       QgsVectorLayerUtils, Qgis)


def open_layer(file, name):
    layer = QgsVectorLayer(f"{file}|layername={name}", name, "ogr")
    if not layer.isValid():
        sys.exit(f"QGIS cannot open {name}: {layer.error().message()}")
    return layer


def look(layer):
    fields = layer.fields()
    return {
        "renderer": layer.renderer().type(),
        "classes": [category.value() for category in layer.renderer().categories()],
        "widgets": {field.name(): layer.editorWidgetSetup(fields.indexOf(field.name())).type()
                    for field in fields},
        "titles": {field.name(): layer.attributeDisplayName(fields.indexOf(field.name()))
                   for field in fields},
    }


def fill(layer, asked):
    request = QgsFeatureRequest().setFilterExpression(f"case_id = {asked['case']}")
    feature = next(layer.getFeatures(request))
    for name, value in asked["values"].items():
        if not layer.changeAttributeValue(feature.id(), layer.fields().indexOf(name), value):
            sys.exit(f"QGIS refuses {name}")


def add(layer, asked):
    """What the form fills in by itself is left to it: the key comes from the layer's style."""
    feature = QgsVectorLayerUtils.createFeature(
        layer, QgsGeometry.fromPointXY(QgsPointXY(*asked["add"])),
        {layer.fields().indexOf("reason"): asked["reason"]}, layer.createExpressionContext())
    if not layer.addFeature(feature):
        sys.exit("QGIS refuses a new case")
    return feature["field_key"]


def main():
    asked = json.load(sys.stdin)
    app = QgsApplication([], False)
    app.initQgis()
    rows = {name: open_layer(asked["file"], name).featureCount() for name in ("parcels", "cases")}
    layer = open_layer(asked["file"], "cases")
    seen = look(layer)
    layer.startEditing()
    fill(layer, asked)
    key = add(layer, asked)
    if not layer.commitChanges():
        sys.exit(f"QGIS cannot commit: {layer.commitErrors()}")
    json.dump({"version": Qgis.QGIS_VERSION, "layers": rows, "key": key, **seen}, sys.stdout)
    sys.stdout.flush()
    del layer
    app.exitQgis()


main()
