"""What QGIS, as Debian has it, makes of a running server; called by specs/qgis.spec.ts.

Reads questions as JSON from its input: {"url", "picture", "items": [{"id", "filter", "box"}],
"tiles": {"id", "center": [x, y], "zoom"}}; writes {"version", "counts", "drawn"} as JSON.
"""
import json
import sys

from qgis.core import (QgsApplication, QgsFeatureRequest, QgsRectangle, QgsVectorLayer,
                       QgsVectorTileLayer, Qgis)
from qgis_draw import draw


def layer_of_items(url, collection):
    uri = f"url='{url}' typename='{collection}' version='OGC_API_FEATURES' pageSize='1000'" \
          " restrictToRequestBBOX='1'"
    layer = QgsVectorLayer(uri, collection, "OAPIF")
    if not layer.isValid():
        sys.exit(f"QGIS cannot open the features of {collection}: {layer.error().message()}")
    return layer


def count(layer, filter_text, box):
    request = QgsFeatureRequest(QgsRectangle(*box)).setFilterExpression(filter_text)
    request.setFlags(QgsFeatureRequest.ExactIntersect)
    return sum(1 for _ in layer.getFeatures(request))


def draw_tiles(url, tiles, picture):
    layer = QgsVectorTileLayer(
        f"type=xyz&url={url}/tiles/{tiles['id']}/{{z}}/{{x}}/{{y}}.mvt&zmin=0&zmax=19", tiles["id"])
    if not layer.isValid():
        sys.exit(f"QGIS cannot open the tiles of {tiles['id']}")
    return draw(layer, tiles["center"], tiles["zoom"], picture)


def main():
    asked = json.load(sys.stdin)
    app = QgsApplication([], False)
    app.initQgis()
    layers = {}
    counts = []
    for item in asked["items"]:
        if item["id"] not in layers:
            layers[item["id"]] = layer_of_items(asked["url"], item["id"])
        counts.append(count(layers[item["id"]], item["filter"], item["box"]))
    drawn = draw_tiles(asked["url"], asked["tiles"], asked["picture"])
    json.dump({"version": Qgis.QGIS_VERSION, "counts": counts, "drawn": drawn}, sys.stdout)
    sys.stdout.flush()
    layers.clear()
    app.exitQgis()


main()
