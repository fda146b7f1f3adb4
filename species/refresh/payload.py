"""Pack a record as received, and unpack it.

Format 1 is the byte 1, then raw deflate with a preset dictionary of common terms and values. The
dictionary is part of the format: never edit it, add a format 2 beside it.
"""

import zlib
from collections.abc import Mapping
from typing import Any

import orjson

FORMAT = b"\x01"
LEVEL = 2  # a quarter less work than 4 for 2 % more bytes
# raw, of 8 kB: more than dictionary and record together, and a tenth less work than of 32
WINDOW = -13
# The likeliest text is last, where deflate reaches it with the shortest codes.
DICTIONARY = (
    b'"parvphylum":"Osteichthyes","infraphylum":"Gnathostomata","gigaclass":"Actinopterygii","gigaclassid":'
    b'"superclass":"Actinopteri","megaclass":"Teleostei","subkingdom":"Bilateria","infrakingdom":"Protostomia"'
    b'"Pisces","superorder":"tribe":"subgenus":"variety":"forma":"subspecies":"subspeciesid":"superfamily":'
    b'"superfamilyid":"suborder":"suborderid":"infraorder":"infraorderid":"subfamily":"subfamilyid":"subclass":'
    b'"subclassid":"infraclass":"infraclassid":"subterclass":"verbatimEventDate":"verbatimLocality":"eventTime":'
    b'"samplingProtocol":"samplingEffort":"fieldNumber":"recordNumber":"otherCatalogNumbers":"associatedSequences":'
    b'"associatedReferences":"organismQuantity":"organismQuantityType":"sampleSizeValue":"sampleSizeUnit":"identifiedBy":'
    b'"dateIdentified":"identificationRemarks":"identificationQualifier":"typeStatus":"preparations":"waterBody":"country":'
    b'"countryCode":"stateProvince":"county":"island":"islandGroup":"locality":"locationID":"higherGeography":"geodeticDatum":'
    b'"WGS84","EPSG:4326","footprintWKT":"footprintSRS":"georeferenceProtocol":"coordinatePrecision":'
    b'"dataGeneralizations":"informationWithheld":"dynamicProperties":"occurrenceRemarks":"eventRemarks":"fieldNotes":'
    b'"nameAccordingTo":"specificEpithet":"infraspecificEpithet":"taxonRemarks":"taxonomicStatus":"accepted","nomenclaturalCode":'
    b'"ICZN","acceptedNameUsage":"acceptedNameUsageID":"vernacularName":"higherClassification":"parentEventID":"eventID":'
    b'"materialSampleID":"datasetID":"ownerInstitutionCode":"rightsHolder":"accessRights":"bibliographicCitation":'
    b'"references":"https://www.gbif.org/occurrence/","type":"Event","PhysicalObject","language":"en","modified":"2020-01-01'
    b' 00:00:00","license":"http://creativecommons.org/licenses/by-nc/4.0/legalcode","http://creativecommons.org/licenses/'
    b'by/4.0/","http://creativecommons.org/publicdomain/zero/1.0/","institutionCode":"collectionCode":"catalogNumber":'
    b'"datasetName":"recordedBy":"individualCount":"1","sex":"lifeStage":"adult","behavior":"occurrenceStatus":"present",'
    b'"establishmentMeans":"basisOfRecord":"PreservedSpecimen","MachineObservation","MaterialSample","HumanObservation",'
    b'"day":"month":"year":"201","startDayOfYear":"endDayOfYear":"eventDate":"2019-0T00:00:00Z","date_start":157,'
    b'"date_mid":,"date_end":,"date_year":20,"maximumDepthInMeters":,"minimumDepthInMeters":,"depth":'
    b'"coordinateUncertaintyInMeters":,"bathymetry":,"shoredistance":,"sst":,"sss":,"flags":["NO_DEPTH","ON_LAND"],'
    b'"node_id":["'
    b'"kingdom":"Animalia","kingdomid":2,"phylum":"Chordata","phylumid":1821,"subphylum":"Vertebrata","subphylumid":146419,'
    b'"class":"Teleostei","classid":,"order":"orderid":,"family":"familyid":,"genus":"genusid":,"species":"speciesid":,'
    b'"category":"VU","marine":true,"brackish":false,"dropped":false,"absence":false,"taxonRank":"Species",'
    b'"scientificNameAuthorship":"(Linnaeus, 1758)","scientificNameID":"urn:lsid:marinespecies.org:taxname:",'
    b'"aphiaID":,"originalScientificName":"scientificName":"decimalLongitude":-,"decimalLatitude":,"occurrenceID":"id":"dataset_id":"'
)


def pack_record(raw: Mapping[str, Any]) -> bytes:
    """Return the record in about a third of the bytes of its JSON."""
    deflate = zlib.compressobj(LEVEL, zlib.DEFLATED, WINDOW, zdict=DICTIONARY)
    return FORMAT + deflate.compress(orjson.dumps(raw)) + deflate.flush()


def unpack_record(payload: bytes | memoryview) -> dict[str, Any]:
    """Return the record as received. Raises ValueError for other bytes."""
    data = bytes(payload)
    if data[:1] != FORMAT:
        raise ValueError("not a packed record")
    try:
        return orjson.loads(zlib.decompressobj(-15, zdict=DICTIONARY).decompress(data[1:]))
    except (zlib.error, orjson.JSONDecodeError) as error:
        raise ValueError(f"not a packed record: {error}") from error
