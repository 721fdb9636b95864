-- VN-2000 in SQL: the TM-3 zones that PostGIS 3.3 lacks, and transforms that are never PROJ's choice.
--
-- An EPSG code in spatial_ref_sys lets PROJ choose the datum operation. SRID 900000 + EPSG code is
-- the same system with operation EPSG:6960 (VN-2000 to WGS 84 (2), about 1 m) written out, and no
-- EPSG name that could stand in for it. Both come from one list of zones.
-- Rotations are those of EPSG:6960 with the signs of the position-vector convention (towgs84).

CREATE TEMPORARY TABLE zone ON COMMIT DROP AS
SELECT * FROM (VALUES
    (5896, 102.0, '102-00', true), (5897, 105.0, '105-00', true), (5898, 108.0, '108-00', true),
    (5899, 107.75, '107-45', true), (9205, 103.0, '103-00', true), (9206, 104.0, '104-00', true),
    (9207, 104.5, '104-30', true), (9208, 104.75, '104-45', true), (9209, 105.5, '105-30', true),
    (9210, 105.75, '105-45', true), (9211, 106.0, '106-00', true), (9212, 106.25, '106-15', true),
    (9213, 106.5, '106-30', true), (9214, 107.0, '107-00', true), (9215, 107.25, '107-15', true),
    (9216, 107.5, '107-30', true), (9217, 108.25, '108-15', true), (9218, 108.5, '108-30', true),
    (3405, 105.0, '48N', false), (3406, 111.0, '49N', false)
) AS zones (srid, meridian, label, tm3);

INSERT INTO public.spatial_ref_sys (srid, auth_name, auth_srid, srtext, proj4text)
SELECT srid, 'EPSG', srid,
       format('PROJCS["VN-2000 / TM-3 %s",GEOGCS["VN-2000",DATUM["Vietnam_2000",'
              'SPHEROID["WGS 84",6378137,298.257223563,AUTHORITY["EPSG","7030"]],'
              'AUTHORITY["EPSG","6756"]],PRIMEM["Greenwich",0,AUTHORITY["EPSG","8901"]],'
              'UNIT["degree",0.0174532925199433,AUTHORITY["EPSG","9122"]],'
              'AUTHORITY["EPSG","4756"]],PROJECTION["Transverse_Mercator"],'
              'PARAMETER["latitude_of_origin",0],PARAMETER["central_meridian",%s],'
              'PARAMETER["scale_factor",0.9999],PARAMETER["false_easting",500000],'
              'PARAMETER["false_northing",0],UNIT["metre",1,AUTHORITY["EPSG","9001"]],'
              'AXIS["Easting",EAST],AXIS["Northing",NORTH],AUTHORITY["EPSG","%s"]]',
              label, meridian, srid),
       format('+proj=tmerc +lat_0=0 +lon_0=%s +k=0.9999 +x_0=500000 +y_0=0 +ellps=WGS84 '
              '+towgs84=-191.90441429,-39.30318279,-111.45032835,'
              '0.00928836,-0.01975479,0.00427372,0.252906278 +units=m +no_defs', meridian)
FROM zone WHERE tm3
ON CONFLICT (srid) DO NOTHING;

INSERT INTO public.spatial_ref_sys (srid, auth_name, auth_srid, srtext, proj4text)
SELECT 900000 + srid, NULL, NULL::integer, '',
       format('+proj=tmerc +lat_0=0 +lon_0=%s +k=%s +x_0=500000 +y_0=0 +ellps=WGS84 '
              '+towgs84=-191.90441429,-39.30318279,-111.45032835,'
              '0.00928836,-0.01975479,0.00427372,0.252906278 +units=m +no_defs',
              meridian, CASE WHEN tm3 THEN 0.9999 ELSE 0.9996 END)
FROM zone
UNION ALL
SELECT 904756, NULL, NULL::integer, '',
       '+proj=longlat +ellps=WGS84 +towgs84=-191.90441429,-39.30318279,-111.45032835,'
       '0.00928836,-0.01975479,0.00427372,0.252906278 +no_defs'
ON CONFLICT (srid) DO NOTHING;

SET LOCAL ROLE diaban_owner;

-- The SRID under which PostGIS uses the pinned operation; an error for what is not VN-2000.
CREATE FUNCTION diaban.pinned_srid(srid integer) RETURNS integer
LANGUAGE plpgsql IMMUTABLE PARALLEL SAFE STRICT AS $$
BEGIN
    IF srid IN (3405, 3406, 4756) OR srid BETWEEN 5896 AND 5899 OR srid BETWEEN 9205 AND 9218 THEN
        RETURN 900000 + srid;
    END IF;
    RAISE EXCEPTION 'EPSG:% is not a VN-2000 system', srid USING ERRCODE = 'invalid_parameter_value';
END
$$;

-- VN-2000 (the geometry's own SRID) to EPSG:4326 by EPSG:6960; x is easting or longitude.
CREATE FUNCTION diaban.vn2000_to_wgs84(shape public.geometry) RETURNS public.geometry
LANGUAGE sql IMMUTABLE PARALLEL SAFE STRICT AS $$
    SELECT public.st_transform(
        public.st_setsrid(shape, diaban.pinned_srid(public.st_srid(shape))), 4326)
$$;

-- EPSG:4326 to the VN-2000 system `srid` by EPSG:6960.
CREATE FUNCTION diaban.wgs84_to_vn2000(shape public.geometry, srid integer) RETURNS public.geometry
LANGUAGE sql IMMUTABLE PARALLEL SAFE STRICT AS $$
    SELECT public.st_setsrid(public.st_transform(shape, diaban.pinned_srid(srid)), srid)
$$;
