"""Edits a table of the record as a person does with QGIS: opens it over PostgreSQL, changes, commits.

Reads {"host", "database", "user", "table", "steps"} as JSON from its input; a step is {"change": fid,
"field", "value", "shift": [x, y]}, {"add": [x, y], "values": {field: value}} or {"delete": fid}. Writes
{"version", "added": [fids]} as JSON.
"""
import json
import sys

from qgis.core import (QgsApplication, QgsDataSourceUri, QgsFeatureRequest, QgsGeometry,
                       QgsPointXY, QgsVectorLayer, QgsVectorLayerUtils, Qgis)


def open_table(asked):
    uri = QgsDataSourceUri()
    uri.setConnection(asked["host"], "", asked["database"], asked["user"], "")
    uri.setDataSource("record", asked["table"], "geom", "", "fid")
    layer = QgsVectorLayer(uri.uri(False), asked["table"], "postgres")
    if not layer.isValid():
        sys.exit(f"QGIS cannot open {asked['table']}: {layer.error().message()}")
    return layer


def change(layer, step):
    request = QgsFeatureRequest().setFilterExpression(f"fid = {step['change']}")
    feature = next(layer.getFeatures(request))
    field = layer.fields().indexOf(step["field"])
    shape = QgsGeometry(feature.geometry())
    shape.translate(*step["shift"])
    return (layer.changeAttributeValue(feature.id(), field, step["value"])
            and layer.changeGeometry(feature.id(), shape))


def add(layer, step):
    values = {layer.fields().indexOf(name): value for name, value in step["values"].items()}
    feature = QgsVectorLayerUtils.createFeature(
        layer, QgsGeometry.fromPointXY(QgsPointXY(*step["add"])), values)
    return layer.addFeature(feature)


def delete(layer, step):
    request = QgsFeatureRequest().setFilterExpression(f"fid = {step['delete']}")
    return layer.deleteFeature(next(layer.getFeatures(request)).id())


def main():
    asked = json.load(sys.stdin)
    app = QgsApplication([], False)
    app.initQgis()
    layer = open_table(asked)
    added = []
    layer.committedFeaturesAdded.connect(
        lambda _, features: added.extend(feature["fid"] for feature in features))
    layer.startEditing()
    for step in asked["steps"]:
        act = change if "change" in step else add if "add" in step else delete
        if not act(layer, step):
            sys.exit(f"QGIS refuses {step}")
    if not layer.commitChanges():
        sys.exit(f"QGIS cannot commit: {layer.commitErrors()}")
    json.dump({"version": Qgis.QGIS_VERSION, "added": added}, sys.stdout)
    sys.stdout.flush()
    del layer
    app.exitQgis()


main()
