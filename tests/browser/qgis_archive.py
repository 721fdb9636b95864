"""What QGIS, as Debian has it, makes of an archive of vector tiles; called by specs/archives.spec.ts.

Reads {"file", "picture", "center": [x, y], "zoom"} as JSON (EPSG:3857); writes {"version", "zooms", "drawn"}:
the share of the picture that is not white.
"""
import json
import sys

from qgis.core import Qgis, QgsApplication, QgsVectorTileLayer
from qgis_draw import draw


def main():
    asked = json.load(sys.stdin)
    app = QgsApplication([], False)
    app.initQgis()
    layer = QgsVectorTileLayer(f"type=mbtiles&url={asked['file']}", "archive")
    if not layer.isValid():
        sys.exit(f"QGIS cannot open {asked['file']}")
    json.dump({"version": Qgis.QGIS_VERSION,
               "zooms": [layer.sourceMinZoom(), layer.sourceMaxZoom()],
               "drawn": draw(layer, asked["center"], asked["zoom"], asked["picture"])}, sys.stdout)
    sys.stdout.flush()
    del layer
    app.exitQgis()


main()
