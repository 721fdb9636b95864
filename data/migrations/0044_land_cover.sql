-- Which kinds of cover go with a land use: what else is seen on a parcel of it is worth a look. Uses
-- without rows allow all.

SET LOCAL ROLE diaban_owner;

CREATE TABLE land.use_cover (
    land_use   text NOT NULL,
    cover      text NOT NULL CHECK (cover IN ('built', 'crop', 'forest', 'grass', 'water', 'bare')),
    valid_from date NOT NULL DEFAULT '-infinity',
    valid_to   date NOT NULL DEFAULT 'infinity',
    PRIMARY KEY (land_use, cover, valid_from)
);
INSERT INTO land.use_cover (land_use, cover)
SELECT land_use, cover
FROM (VALUES
    ('{LUC,LUK,LUN,HNK,BHK,NHK}'::text[], '{crop,grass,water,bare}'::text[]),
    ('{CLN}', '{crop,forest,grass,bare}'),
    ('{RDD,RPH,RSX,RSN}', '{forest,grass,water,bare}'),
    ('{NTS,LMU}', '{water,grass,bare}'),
    ('{BCS,DCS,NCS}', '{forest,grass,water,bare}'),
    ('{MCS,MNC,SON,TVC}', '{water,grass,bare}')
) AS allowed (uses, covers), unnest(uses) AS land_use, unnest(covers) AS cover;

GRANT SELECT ON land.use_cover TO diaban_serve;
GRANT SELECT, INSERT, UPDATE, DELETE ON land.use_cover TO diaban_edit;
