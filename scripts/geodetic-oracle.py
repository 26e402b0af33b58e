"""Writes, as JSON lines, what GDAL and PROJ make of every projected and geographic 2D system of the EPSG dataset, without grids:
the operations to WGS 84 that PROJ may take, and some points in both systems as GDAL transforms them. scripts/geodetic-table.js
makes a table of it. Needs Debian's gdal-bin and proj-data; takes some minutes.

    python3 scripts/geodetic-oracle.py [proj.db] > oracle.jsonl
"""
import ctypes
import json
import math
import os
import shutil
import sqlite3
import sys
import tempfile

db_path = sys.argv[1] if len(sys.argv) > 1 else '/usr/share/proj/proj.db'
folder = tempfile.mkdtemp()
shutil.copy(db_path, folder)
os.environ.update(PROJ_LIB=folder, PROJ_DATA=folder, PROJ_NETWORK='OFF')

proj, gdal = ctypes.CDLL('libproj.so.25'), ctypes.CDLL('libgdal.so.32')
P, S, D, I = ctypes.c_void_p, ctypes.c_char_p, ctypes.c_double, ctypes.c_int
DP = ctypes.POINTER(D)


def declare(library, name, result, *arguments):
    function = getattr(library, name)
    function.restype, function.argtypes = result, arguments
    return function


context_create = declare(proj, 'proj_context_create', P)
log_level = declare(proj, 'proj_log_level', I, P, I)
from_database = declare(proj, 'proj_create_from_database', P, P, S, S, I, I, P)
factory = declare(proj, 'proj_create_operation_factory_context', P, P, S)
set_spatial = declare(proj, 'proj_operation_factory_context_set_spatial_criterion', None, P, P, I)
set_grids = declare(proj, 'proj_operation_factory_context_set_grid_availability_use', None, P, P, I)
create_operations = declare(proj, 'proj_create_operations', P, P, P, P, P)
list_count = declare(proj, 'proj_list_get_count', I, P)
list_get = declare(proj, 'proj_list_get', P, P, P, I)
list_destroy = declare(proj, 'proj_list_destroy', None, P)
area_of_use = declare(proj, 'proj_get_area_of_use', I, P, P, DP, DP, DP, DP, ctypes.POINTER(S))
accuracy_of = declare(proj, 'proj_coordoperation_get_accuracy', D, P, P)
is_ballpark = declare(proj, 'proj_coordoperation_has_ballpark_transformation', I, P, P)
for_display = declare(proj, 'proj_normalize_for_visualization', P, P, P)
as_string = declare(proj, 'proj_as_proj_string', S, P, P, I, P)
name_of = declare(proj, 'proj_get_name', S, P)
destroy = declare(proj, 'proj_destroy', P, P)
new_srs = declare(gdal, 'OSRNewSpatialReference', P, S)
import_epsg = declare(gdal, 'OSRImportFromEPSG', I, P, I)
set_axes = declare(gdal, 'OSRSetAxisMappingStrategy', None, P, I)
authority_code = declare(gdal, 'OSRGetAuthorityCode', S, P, S)
srs_area = declare(gdal, 'OSRGetAreaOfUse', I, P, DP, DP, DP, DP, ctypes.POINTER(S))
new_transformation = declare(gdal, 'OCTNewCoordinateTransformation', P, P, P)
transform = declare(gdal, 'OCTTransformEx', I, P, I, DP, DP, DP, ctypes.POINTER(I))
free_srs = declare(gdal, 'OSRDestroySpatialReference', None, P)
free_transformation = declare(gdal, 'OCTDestroyCoordinateTransformation', None, P)
declare(gdal, 'CPLPushErrorHandler', None, P)(ctypes.cast(gdal.CPLQuietErrorHandler, P))

context = context_create()
log_level(context, 0)
wgs84 = from_database(context, b'EPSG', b'4326', 3, 0, None)
options = factory(context, None)
set_spatial(context, options, 1)  # operations whose area meets that of the systems
set_grids(context, options, 1)  # none that need a grid


def box(get, *what):
    values = [D() for _ in range(4)]
    if not get(*what, *map(ctypes.byref, values), ctypes.byref(S())):
        return None
    return [v.value for v in values]


def operations(code):
    crs = from_database(context, b'EPSG', str(code).encode(), 3, 0, None)
    found = create_operations(context, crs, wgs84, options)
    result = []
    for i in range(list_count(found)):
        operation = list_get(context, found, i)
        shown = for_display(context, operation)
        text = as_string(context, shown, 0, None)
        if text:
            result.append({'pipeline': text.decode().replace('+', ''), 'area': box(area_of_use, context, operation),
                           'accuracy': accuracy_of(context, operation), 'ballpark': is_ballpark(context, operation),
                           'name': name_of(operation).decode()})
        destroy(shown)
        destroy(operation)
    list_destroy(found)
    destroy(crs)
    return result


def system(code):
    srs = new_srs(None)
    if import_epsg(srs, code) != 0:
        return None
    set_axes(srs, 0)
    return srs


def apply(transformation, x, y):
    x, y, z, done = D(x), D(y), D(0), I(0)
    transform(transformation, 1, ctypes.byref(x), ctypes.byref(y), ctypes.byref(z), ctypes.byref(done))
    return (x.value, y.value) if done.value and math.isfinite(x.value) and math.isfinite(y.value) else None


target = system(4326)
database = sqlite3.connect(db_path)
codes = [(int(c), 'projected') for (c,) in database.execute("select code from projected_crs where auth_name='EPSG'")]
codes += [(int(c), 'geographic') for (c,) in
          database.execute("select code from geodetic_crs where auth_name='EPSG' and type='geographic 2D'")]
cache = {}
for code, kind in sorted(codes):
    srs = system(code)
    if not srs:
        continue
    # GDAL takes what has replaced a deprecated system
    taken = int(authority_code(srs, None) or code)
    area = box(srs_area, srs)
    points = []
    to, back = new_transformation(target, srs), new_transformation(srs, target)
    if area and to and back:
        west, south, east, north = area
        if east < west:
            east += 360
        for u, v in ((.5, .5), (.1, .1), (.9, .2), (.2, .9), (.8, .8)):
            longitude = west + (east - west) * u
            there = apply(to, longitude - 360 if longitude > 180 else longitude, south + (north - south) * v)
            again = there and apply(back, *there)
            if again:
                points.append([*there, *again])
        free_transformation(to)
        free_transformation(back)
    free_srs(srs)
    if taken not in cache:
        cache[taken] = operations(taken)
    print(json.dumps({'code': code, 'taken': taken, 'kind': kind, 'points': points, 'operations': cache[taken]}))
shutil.rmtree(folder)
