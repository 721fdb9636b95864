"""A layer as QGIS draws it; used by qgis_layers.py and qgis_archive.py."""
from qgis.core import (QgsCoordinateReferenceSystem, QgsMapRendererParallelJob, QgsMapSettings,
                       QgsRectangle)
from qgis.PyQt.QtCore import QEventLoop, QSize
from qgis.PyQt.QtGui import QColor


def draw(layer, center, zoom, picture):
    """The share of the picture that is not white, of a layer around a place (EPSG:3857)."""
    side = 1024
    half = 40075016.685578488 / 2 ** zoom / 512 * side / 2
    x, y = center
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
    image.save(picture)
    drawn = sum(image.pixelColor(i, j) != QColor("white")
                for i in range(0, side, 8) for j in range(0, side, 8))
    return drawn / (side // 8) ** 2
