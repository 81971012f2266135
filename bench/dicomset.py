"""The benchmark's own data set: synthetic, realistic in shape, deterministic.

Five collections, written once to a directory with a manifest:

  ct        1 study, 3 series x 200 instances, 512x512 int16, 143 attributes each
  mr        20 studies x 40 instances, 256x256 uint16
  enhanced  1 Enhanced CT object of 300 frames, 512x512, uncompressed
  j2k       1 CT study of 100 instances, JPEG 2000 lossless
  tiny      2000 studies of 1 instance, 64x64 (for query scale)

Every UID and Patient ID holds TOKEN, ten digits. A `copy` of an instance has another
token in its place, so the same files can be stored many times, each time as new
patients, studies and instances, without rewriting any DICOM.
"""

import hashlib
import json
from copy import deepcopy
from dataclasses import dataclass, replace
from datetime import date, timedelta
from pathlib import Path

import numpy as np
from pydicom.dataset import Dataset, FileMetaDataset
from pydicom.sequence import Sequence
from pydicom.uid import (
    ComputedRadiographyImageStorage,
    CTImageStorage,
    DigitalXRayImageStorageForPresentation,
    EnhancedCTImageStorage,
    ExplicitVRLittleEndian,
    JPEG2000Lossless,
    MRImageStorage,
    UltrasoundImageStorage,
)

VERSION = 2
TOKEN = "7391846205"
ROOT = f"1.2.826.0.1.3680043.8.498.{TOKEN}"
COLLECTIONS = ("ct", "mr", "enhanced", "j2k", "tiny")


# -- reading --------------------------------------------------------------------


@dataclass(frozen=True)
class Instance:
    """One file of the data set, or a copy of it under another token."""

    file: Path
    study: str
    series: str
    sop: str
    pixels: str  # SHA-256 of the uncompressed PixelData value
    frames: int
    frame_bytes: int
    patient_id: str
    patient_name: str  # alphabetic=ideographic, or alphabetic alone
    study_date: str
    modality: str
    token: str = TOKEN

    def copy(self, token):
        new = {name: getattr(self, name).replace(TOKEN, token) for name in ("study", "series", "sop", "patient_id")}
        return replace(self, **new, token=token)

    def load(self):
        """The bytes of the file."""
        return self.file.read_bytes().replace(TOKEN.encode(), self.token.encode())


def open_dataset(directory, progress=print):
    """The collections in `directory` as {name: [Instance, ...]}; generated if missing."""
    directory = Path(directory)
    manifest = directory / "manifest.json"
    if not manifest.exists() or json.loads(manifest.read_text())["version"] != VERSION:
        _generate(directory, progress)
    entries = json.loads(manifest.read_text())["collections"]
    return {
        name: [Instance(**{**entry, "file": directory / entry["file"]}) for entry in entries[name]]
        for name in COLLECTIONS
    }


# -- writing --------------------------------------------------------------------


def _generate(directory, progress):
    makers = {"ct": _ct, "mr": _mr, "enhanced": _enhanced, "j2k": _j2k, "tiny": _tiny}
    collections = {}
    for number, name in enumerate(COLLECTIONS, 1):
        folder = directory / name
        folder.mkdir(parents=True, exist_ok=True)
        entries = collections[name] = []
        for ds, native in makers[name](number):
            file = folder / f"{len(entries):05d}.dcm"
            ds.save_as(file, enforce_file_format=True)
            entries.append(
                {
                    "file": str(file.relative_to(directory)),
                    "study": ds.StudyInstanceUID,
                    "series": ds.SeriesInstanceUID,
                    "sop": ds.SOPInstanceUID,
                    "pixels": hashlib.sha256(native).hexdigest(),
                    "frames": int(ds.get("NumberOfFrames", 1)),
                    "frame_bytes": len(native) // int(ds.get("NumberOfFrames", 1)),
                    "patient_id": ds.PatientID,
                    "patient_name": str(ds.PatientName),
                    "study_date": ds.StudyDate,
                    "modality": ds.Modality,
                }
            )
        progress(f"data set: {name}: {len(entries)} files")
    (directory / "manifest.json").write_text(json.dumps({"version": VERSION, "collections": collections}))


def _ct(collection):
    rng = np.random.default_rng(11)
    study = _study(collection, 1, "Okonkwo^Adaeze^Ngozi", "F", "19620417", "20240314", "CT CHEST ABDOMEN PELVIS")
    _ct_study(study)
    kernels = ("Thorax  1.0  B31f", "Abdomen  1.0  B30f", "Knochen  1.0  B60f")
    for series in (1, 2, 3):
        base = _series(study, collection, 1, series, "CT", kernels[series - 1])
        for number in range(1, 201):
            ds = deepcopy(base)
            _ct_instance(ds, CTImageStorage, collection, 1, series, number)
            pixels = _ct_pixels(rng, number / 200)
            yield _file(ds, pixels), pixels.tobytes()


def _j2k(collection):
    rng = np.random.default_rng(22)
    study = _study(collection, 1, "Lindqvist^Astrid", "F", "19550922", "20220811", "CT THORAX")
    _ct_study(study)
    base = _series(study, collection, 1, 1, "CT", "Lung  1.5  B70f")
    for number in range(1, 101):
        ds = deepcopy(base)
        _ct_instance(ds, CTImageStorage, collection, 1, 1, number)
        pixels = _ct_pixels(rng, number / 100)
        ds = _file(ds, pixels)
        ds.compress(JPEG2000Lossless, generate_instance_uid=False)
        if not np.array_equal(ds.pixel_array, pixels):
            raise RuntimeError("the JPEG 2000 encoder is not lossless")
        yield ds, pixels.tobytes()


def _mr(collection):
    rng = np.random.default_rng(33)
    for patient in range(1, 21):
        family, given = _name(patient * 7)
        day = (date(2023, 1, 9) + timedelta(days=patient * 11)).strftime("%Y%m%d")
        study = _study(collection, patient, f"{family}^{given}", "MF"[patient % 2], "19701105", day, "MR BRAIN")
        base = _series(study, collection, patient, 1, "MR", "t1_mprage_sag_p2_iso")
        _mr_series(base)
        for number in range(1, 41):
            ds = deepcopy(base)
            ds.SOPClassUID = MRImageStorage
            ds.SOPInstanceUID = _uid(collection, patient, 1, number)
            ds.InstanceNumber = number
            ds.ImageType = ["ORIGINAL", "PRIMARY", "M", "ND", "NORM"]
            ds.ImagePositionPatient = [f"{-88 + number * 1.0:.4f}", "-119.5312", "132.8125"]
            ds.SliceLocation = f"{-88 + number * 1.0:.4f}"
            pixels = _mr_pixels(rng, number / 40)
            yield _file(ds, pixels, bits=12), pixels.tobytes()


def _enhanced(collection):
    rng = np.random.default_rng(44)
    study = _study(collection, 1, "Haddad^Samir", "M", "19490130", "20231127", "CT ANGIO CARDIAC")
    ds = _series(study, collection, 1, 1, "CT", "Cardiac 0.6 Bv36 70%")
    ds.SOPClassUID = EnhancedCTImageStorage
    ds.SOPInstanceUID = _uid(collection, 1, 1, 1)
    ds.InstanceNumber = 1
    ds.ImageType = ["ORIGINAL", "PRIMARY", "VOLUME", "NONE"]
    ds.PixelPresentation, ds.VolumetricProperties, ds.VolumeBasedCalculationTechnique = "MONOCHROME", "VOLUME", "NONE"
    ds.ContentDate, ds.ContentTime = ds.StudyDate, "101533.120000"
    ds.NumberOfFrames = 300
    ds.BurnedInAnnotation, ds.LossyImageCompression, ds.PresentationLUTShape = "NO", "00", "IDENTITY"
    ds.SharedFunctionalGroupsSequence = [
        _item(
            PixelMeasuresSequence=[
                _item(SliceThickness="0.6", SpacingBetweenSlices="0.4", PixelSpacing=["0.39", "0.39"])
            ],
            PlaneOrientationSequence=[_item(ImageOrientationPatient=["1", "0", "0", "0", "1", "0"])],
            PixelValueTransformationSequence=[_item(RescaleIntercept="0", RescaleSlope="1", RescaleType="HU")],
            FrameVOILUTSequence=[_item(WindowCenter="300", WindowWidth="800")],
            CTReconstructionSequence=[_item(ConvolutionKernel="Bv36", ReconstructionDiameter=200.0)],
        )
    ]
    ds.DimensionIndexSequence = [_item(DimensionIndexPointer=0x00200032, FunctionalGroupPointer=0x00209113)]
    ds.PerFrameFunctionalGroupsSequence = [
        _item(
            FrameContentSequence=[
                _item(
                    FrameAcquisitionNumber=1,
                    DimensionIndexValues=[frame + 1],
                    StackID="1",
                    InStackPositionNumber=frame + 1,
                )
            ],
            PlanePositionSequence=[_item(ImagePositionPatient=["-100.0", "-180.0", f"{-60 + frame * 0.4:.2f}"])],
            CTExposureSequence=[_item(ExposureInmAs=210.0 + frame % 7, ExposureModulationType="ANGULAR")],
        )
        for frame in range(300)
    ]
    pixels = np.stack([_ct_pixels(rng, frame / 300) for frame in range(300)])
    yield _file(ds, pixels), pixels.tobytes()


def _tiny(collection):
    rng = np.random.default_rng(55)
    kinds = (
        ("CT", CTImageStorage),
        ("MR", MRImageStorage),
        ("CR", ComputedRadiographyImageStorage),
        ("US", UltrasoundImageStorage),
        ("DX", DigitalXRayImageStorageForPresentation),
    )
    for number in range(1, 2001):
        modality, sop_class = kinds[(number * 7 // 3) % 5]
        family, given = _name(number)
        day = (date(2015, 1, 1) + timedelta(days=number * 37 % 3650)).strftime("%Y%m%d")
        birth = (date(1930, 1, 1) + timedelta(days=number * 13 % 29000)).strftime("%Y%m%d")
        study = _study(collection, number, f"{family}^{given}", "MFO"[number % 3], birth, day, f"{modality} ROUTINE")
        ds = _series(study, collection, number, 1, modality, "ROUTINE")
        ds.SOPClassUID = sop_class
        ds.SOPInstanceUID = _uid(collection, number, 1, 1)
        ds.InstanceNumber = 1
        ds.ImageType = ["ORIGINAL", "PRIMARY"]
        pixels = rng.integers(0, 4096, (64, 64), dtype=np.uint16)
        yield _file(ds, pixels, bits=12), pixels.tobytes()


# -- headers --------------------------------------------------------------------

FAMILIES = (
    "Abernathy",
    "Bianchi",
    "Castellanos",
    "Dvorak",
    "Eriksen",
    "Fontaine",
    "Grabowski",
    "Haddad",
    "Ivanova",
    "Jankowski",
    "Kowalczyk",
    "Lindqvist",
    "Müller",
    "Nakamura=中村",
    "Okonkwo",
    "Petrov",
    "Quintero",
    "Rasmussen",
    "Schäfer",
    "Takahashi=高橋",
    "Ueda",
    "Villanueva",
    "Whitfield",
    "Xanthopoulos",
    "Yilmaz",
    "Zhang",
    "Andersson",
    "Boateng",
    "Chaudhary",
    "Delacroix",
    "Espinoza",
    "Fitzgerald",
    "Gonçalves",
    "Hernandez",
    "Iyer",
    "Johansson",
    "Katz",
    "Lefèvre",
    "Mbeki",
    "Novak",
)
GIVEN = (
    "Maria",
    "James",
    "Aiko",
    "Pierre",
    "Ingrid",
    "Samuel",
    "Fatima",
    "Lars",
    "Chen",
    "Olga",
    "Ravi",
    "Zoe",
    "Tomasz",
)


def _name(number):
    """A (family, given) pair; the given part carries the ideographic group, if any."""
    family = FAMILIES[number % len(FAMILIES)]
    given = GIVEN[number // len(FAMILIES) % len(GIVEN)]
    if "=" in family:
        family, ideographic = family.split("=")
        given = f"{given}={ideographic}^{'愛子' if number % 2 else '太郎'}"
    return family, given


def _uid(*numbers):
    return ".".join([ROOT, *map(str, numbers)])


def _item(**values):
    item = Dataset()
    for keyword, value in values.items():
        setattr(item, keyword, value)
    return item


def _code(value, scheme, meaning):
    return Sequence([_item(CodeValue=value, CodingSchemeDesignator=scheme, CodeMeaning=meaning)])


def _study(collection, study, name, sex, birth, day, description):
    ds = Dataset()
    ds.SpecificCharacterSet = ["", "ISO 2022 IR 87"] if "=" in name else "ISO_IR 100"
    ds.StudyInstanceUID = _uid(collection, study)
    ds.StudyDate, ds.StudyTime = day, "094512.310000"
    ds.AccessionNumber = f"A{collection}{study:07d}"
    ds.StudyID = f"{collection}{study:05d}"
    ds.StudyDescription = description
    ds.ReferringPhysicianName = "Rhodes^Eleanor^^Dr"
    ds.PatientName, ds.PatientSex, ds.PatientBirthDate = name, sex, birth
    ds.PatientID = f"BENCH-{TOKEN}-{collection}-{study:05d}"
    ds.IssuerOfPatientID = "BENCH HOSPITAL"
    ds.PatientAge = f"{int(day[:4]) - int(birth[:4]):03d}Y"
    return ds


def _series(study, collection, study_number, series, modality, description):
    ds = deepcopy(study)
    ds.Modality = modality
    ds.SeriesInstanceUID = _uid(collection, study_number, series)
    ds.SeriesNumber = series
    ds.SeriesDescription = description
    ds.SeriesDate, ds.SeriesTime = ds.StudyDate, f"0950{series:02d}.500000"
    ds.AcquisitionDate, ds.AcquisitionTime = ds.StudyDate, f"0951{series:02d}.125000"
    ds.Manufacturer, ds.ManufacturerModelName = "BENCH MEDICAL", "Synthetic One"
    ds.InstitutionName, ds.StationName = "Bench General Hospital", "BENCH01"
    ds.FrameOfReferenceUID = _uid(collection, study_number, series, 0)
    ds.PositionReferenceIndicator = ""
    return ds


def _ct_study(ds):
    """What a CT console adds at study and series level."""
    ds.TimezoneOffsetFromUTC = "+0100"
    ds.InstitutionAddress = "1 Bench Street, Example Town"
    ds.InstitutionalDepartmentName = "Radiology"
    ds.PhysiciansOfRecord = "Moreau^Claude^^Dr"
    ds.PerformingPhysicianName = ["Rhodes^Eleanor^^Dr", "Silva^Beatriz"]
    ds.OperatorsName = "Tech^Seven"
    ds.AdmittingDiagnosesDescription = "Follow-up"
    ds.ProcedureCodeSequence = _code("CTCAP", "99BENCH", "CT chest, abdomen and pelvis with contrast")
    ds.ReferencedStudySequence = [
        _item(ReferencedSOPClassUID="1.2.840.10008.3.1.2.3.1", ReferencedSOPInstanceUID=ds.StudyInstanceUID + ".90")
    ]
    ds.ReferencedPerformedProcedureStepSequence = [
        _item(ReferencedSOPClassUID="1.2.840.10008.3.1.2.3.3", ReferencedSOPInstanceUID=ds.StudyInstanceUID + ".91")
    ]
    ds.OtherPatientIDsSequence = [
        _item(PatientID="NH-4411-0092", IssuerOfPatientID="NATIONAL", TypeOfPatientID="TEXT"),
        _item(PatientID="OLD-88127", IssuerOfPatientID="MERGED", TypeOfPatientID="TEXT"),
    ]
    ds.PatientSize, ds.PatientWeight = "1.68", "71.5"
    ds.EthnicGroup, ds.MedicalAlerts, ds.Allergies = "", "None known", "Penicillin"
    ds.AdditionalPatientHistory = "Synthetic history text, long enough to look like a typed clinical note."
    ds.PregnancyStatus, ds.PatientComments = 4, "Benchmark data, not a person"
    ds.ContrastBolusAgent, ds.ContrastBolusVolume, ds.ContrastBolusRoute = "Iohexol 350", "90", "IV"
    ds.ContrastFlowRate, ds.ContrastFlowDuration, ds.ContrastBolusIngredient = "3.5", "25.7", "IODINE"
    ds.BodyPartExamined, ds.PatientPosition, ds.ScanOptions = "CHEST", "FFS", "HELIX"
    ds.ProtocolName, ds.SoftwareVersions, ds.DeviceSerialNumber = "CAP_PV_Adult", ["VB20A", "p4"], "70123"
    ds.AnatomicRegionSequence = _code("T-D3000", "SRT", "Chest")
    ds.PerformedProcedureStepStartDate, ds.PerformedProcedureStepStartTime = ds.StudyDate, "094800"
    ds.PerformedProcedureStepEndDate, ds.PerformedProcedureStepEndTime = ds.StudyDate, "101200"
    ds.PerformedProcedureStepID, ds.PerformedProcedureStepDescription = "PPS0001", ds.StudyDescription
    ds.PerformedProtocolCodeSequence = _code("P5-0808E", "SRT", "CT of chest, abdomen and pelvis")
    ds.RequestingPhysician, ds.RequestingService = "Rhodes^Eleanor^^Dr", "Oncology"
    ds.RequestedProcedureDescription = ds.StudyDescription
    ds.RequestedProcedureCodeSequence = _code("CTCAP", "99BENCH", "CT chest, abdomen and pelvis with contrast")
    ds.RequestAttributesSequence = [
        _item(
            AccessionNumber=ds.AccessionNumber,
            RequestedProcedureID="RP0001",
            ScheduledProcedureStepID="SPS0001",
            ScheduledProcedureStepDescription=ds.StudyDescription,
            RequestedProcedureDescription=ds.StudyDescription,
            ScheduledProtocolCodeSequence=_code("P5-0808E", "SRT", "CT of chest, abdomen and pelvis"),
        )
    ]


def _ct_instance(ds, sop_class, collection, study, series, number):
    z = -420.0 + number * 1.5
    ds.SOPClassUID = sop_class
    ds.SOPInstanceUID = _uid(collection, study, series, number)
    ds.InstanceNumber, ds.AcquisitionNumber = number, series
    ds.ImageType = ["ORIGINAL", "PRIMARY", "AXIAL", "CT_SOM5 SPI"]
    ds.InstanceCreationDate = ds.ContentDate = ds.StudyDate
    ds.InstanceCreationTime = ds.ContentTime = f"0953{number % 60:02d}.{number * 977 % 1000000:06d}"
    ds.ReferencedImageSequence = [
        _item(ReferencedSOPClassUID=CTImageStorage, ReferencedSOPInstanceUID=_uid(collection, study, 9, 1))
    ]
    ds.IrradiationEventUID = _uid(collection, study, series, 0, 1)
    ds.KVP, ds.DataCollectionDiameter, ds.ReconstructionDiameter = "120", "500", "400"
    ds.DistanceSourceToDetector, ds.DistanceSourceToPatient = "1085.6", "595"
    ds.GantryDetectorTilt, ds.TableHeight, ds.RotationDirection = "0", "152", "CW"
    ds.ExposureTime, ds.XRayTubeCurrent, ds.Exposure = 500, 180 + number % 60, 118 + number % 40
    ds.FilterType, ds.GeneratorPower, ds.FocalSpots = "FLAT", 22, "1.2"
    ds.ConvolutionKernel, ds.SliceThickness = "B31f", "1.5"
    ds.SingleCollimationWidth, ds.TotalCollimationWidth, ds.TableSpeed = 0.6, 38.4, 92.0
    ds.TableFeedPerRotation, ds.SpiralPitchFactor, ds.CTDIvol = 46.0, 1.2, 8.4 + number % 10 / 10
    ds.ExposureModulationType, ds.EstimatedDoseSaving = "XYZ_EC", 22.5
    ds.DateOfLastCalibration, ds.TimeOfLastCalibration = "20240314", "060210"
    ds.ImagePositionPatient = ["-199.609375", "-351.609375", f"{z:.1f}"]
    ds.ImageOrientationPatient = ["1", "0", "0", "0", "1", "0"]
    ds.SliceLocation, ds.PixelSpacing = f"{z:.1f}", ["0.78125", "0.78125"]
    ds.ImageComments, ds.BurnedInAnnotation, ds.LossyImageCompression = "", "NO", "00"
    ds.WindowCenter, ds.WindowWidth = ["40", "-600"], ["400", "1200"]
    ds.WindowCenterWidthExplanation = ["WINDOW1", "WINDOW2"]
    ds.RescaleIntercept, ds.RescaleSlope, ds.RescaleType = "0", "1", "HU"
    ds.PixelPaddingValue = -2000
    _private(ds, number)


def _private(ds, number):
    """Two vendor blocks: plain values with a private sequence, and a 2 KiB binary header."""
    block = ds.private_block(0x0019, "BENCH CT ACQ 01", create=True)
    block.add_new(0x02, "IS", number)
    block.add_new(0x10, "DS", f"{number * 0.25:.2f}")
    block.add_new(0x11, "LO", "HELICAL ADAPTIVE")
    block.add_new(0x12, "FD", number / 7)
    block.add_new(0x13, "SL", [-number, number])
    block.add_new(0x14, "DA", ds.StudyDate)
    block.add_new(0x20, "SQ", [_item(CodeValue=str(number % 5), CodeMeaning="Recon step")])
    block = ds.private_block(0x0029, "BENCH CSA HEADER", create=True)
    block.add_new(0x08, "CS", "IMAGE NUM 4")
    block.add_new(0x10, "OB", hashlib.sha256(str(number).encode()).digest() * 64)


def _mr_series(ds):
    ds.ScanningSequence, ds.SequenceVariant, ds.ScanOptions = ["GR", "IR"], ["SK", "SP", "MP"], "IR"
    ds.MRAcquisitionType, ds.SequenceName, ds.AngioFlag = "3D", "*tfl3d1_16ns", "N"
    ds.SliceThickness, ds.RepetitionTime, ds.EchoTime, ds.InversionTime = "1", "2300", "2.98", "900"
    ds.NumberOfAverages, ds.ImagingFrequency, ds.ImagedNucleus, ds.EchoNumbers = "1", "123.25993", "1H", 1
    ds.MagneticFieldStrength, ds.NumberOfPhaseEncodingSteps, ds.EchoTrainLength = "3", 239, 1
    ds.PercentSampling, ds.PercentPhaseFieldOfView, ds.PixelBandwidth = "100", "93.75", "240"
    ds.ProtocolName, ds.BodyPartExamined, ds.PatientPosition = "t1_mprage_sag_p2_iso", "HEAD", "HFS"
    ds.AcquisitionMatrix, ds.InPlanePhaseEncodingDirection, ds.FlipAngle = [0, 256, 240, 0], "ROW", "9"
    ds.VariableFlipAngleFlag, ds.SAR, ds.dBdt = "N", "0.0534", "0"
    ds.ImageOrientationPatient, ds.PixelSpacing = ["0", "1", "0", "0", "0", "-1"], ["0.9375", "0.9375"]
    ds.WindowCenter, ds.WindowWidth = "420", "980"


def _file(ds, pixels, bits=16):
    """The data set with its image module, pixels and file meta information."""
    ds.SamplesPerPixel, ds.PhotometricInterpretation = 1, "MONOCHROME2"
    ds.Rows, ds.Columns = pixels.shape[-2:]
    ds.BitsAllocated, ds.BitsStored, ds.HighBit = 16, bits, bits - 1
    ds.PixelRepresentation = int(pixels.dtype.kind == "i")
    ds.add_new("PixelData", "OW", pixels.astype(pixels.dtype.newbyteorder("<")).tobytes())
    ds.file_meta = FileMetaDataset()
    ds.file_meta.TransferSyntaxUID = ExplicitVRLittleEndian
    ds.file_meta.MediaStorageSOPClassUID = ds.SOPClassUID
    ds.file_meta.MediaStorageSOPInstanceUID = ds.SOPInstanceUID
    return ds


# -- pixels ---------------------------------------------------------------------

_Y, _X = np.mgrid[-1:1:512j, -1:1:512j].astype(np.float32)
_YM, _XM = np.mgrid[-1:1:256j, -1:1:256j].astype(np.float32)


def _inside(x, y, cx, cy, rx, ry):
    return ((x - cx) / rx) ** 2 + ((y - cy) / ry) ** 2 < 1


def _ct_pixels(rng, t):
    """An axial body phantom in Hounsfield units, with scanner-like noise."""
    wave = 0.04 * np.sin(6.28 * t)
    image = np.full((512, 512), -1000, np.float32)
    image[_inside(_X, _Y, 0, 0, 0.82 + wave, 0.62)] = -90
    image[_inside(_X, _Y, 0, 0, 0.76 + wave, 0.56)] = 45
    for side in (-1, 1):
        image[_inside(_X, _Y, 0.36 * side, -0.05, 0.26 - 0.1 * t, 0.38 - 0.15 * t)] = -820
    image[_inside(_X, _Y, 0, 0.38, 0.09, 0.11)] = 420
    image[_inside(_X, _Y, 0.06, 0.22, 0.05, 0.05)] = 260
    image += rng.standard_normal((512, 512), np.float32) * np.where(image > -950, 14, 5)
    image[_X**2 + _Y**2 > 1] = -2000
    return image.astype(np.int16)


def _mr_pixels(rng, t):
    """A sagittal head phantom with Rician noise."""
    image = np.zeros((256, 256), np.float32)
    image[_inside(_XM, _YM, 0, 0, 0.75, 0.85)] = 700
    image[_inside(_XM, _YM, 0, 0, 0.68, 0.78)] = 60
    image[_inside(_XM, _YM, 0, 0, 0.62, 0.72)] = 380
    image[_inside(_XM, _YM, 0, 0.05, 0.18 + 0.2 * t, 0.24)] = 610
    noise = rng.standard_normal((2, 256, 256), np.float32) * 12
    return np.hypot(image + noise[0], noise[1]).clip(0, 4095).astype(np.uint16)
