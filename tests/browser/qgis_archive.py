"""What QGIS, as Debian has it, makes of an archive of vector tiles; called by specs/archives.spec.ts.

Reads {"file", "picture", "center": [x, y], "zoom"} as JSON (EPSG:3857); writes {"version", "zooms", "drawn"}:
the share of the picture that is not white.
"""
import json
import sys

from qgis.core import (Qgis, QgsApplication, QgsCoordinateReferenceSystem, QgsMapRendererParallelJob,
                       QgsMapSettings, QgsRectangle, QgsVectorTileLayer)
from qgis.PyQt.QtCore import QEventLoop, QSize
from qgis.PyQt.QtGui import QColor


def draw(layer, asked):
    side = 1024
    half = 40075016.685578488 / 2 ** asked["zoom"] / 512 * side / 2
    x, y = asked["center"]
    settings = QgsMapSettings()
    settings.setLayers([layer])
    settings.setDestinationCrs(QgsCoordinateReferenceSystem("EPSG:3857"))
    settings.setExtent(QgsRectangle(x - half, y - half, x + half, y + half))
    settings.setOutputSize(QSize(side, side))
    settings.setOutputDpi(96)
    settings.setBackgroundColor(QColor("white"))
    job = QgsMapRendererParallelJob(settings)
    loop = QEventLoop()
    job.finished.connect(loop.quit)
    job.start()
    loop.exec_()
    image = job.renderedImage()
    image.save(asked["picture"])
    drawn = sum(image.pixelColor(i, j) != QColor("white")
                for i in range(0, side, 8) for j in range(0, side, 8))
    return drawn / (side // 8) ** 2


def main():
    asked = json.load(sys.stdin)
    app = QgsApplication([], False)
    app.initQgis()
    layer = QgsVectorTileLayer(f"type=mbtiles&url={asked['file']}", "archive")
    if not layer.isValid():
        sys.exit(f"QGIS cannot open {asked['file']}")
    json.dump({"version": Qgis.QGIS_VERSION,
               "zooms": [layer.sourceMinZoom(), layer.sourceMaxZoom()],
               "drawn": draw(layer, asked)}, sys.stdout)
    sys.stdout.flush()
    del layer
    app.exitQgis()


main()
