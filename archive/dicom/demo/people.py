"""Who the patients of the demo are: names in scripts and character sets of the world (PS3.5 Annexes H to K)."""

from datetime import date

from archive.dicom.demo.studies import Patient

ANNE = Patient("D-1001", "Müller-Lüdenscheidt^Änne^^Dr.", date(1961, 3, 14), "F", weight=64, size=1.66)
TARO = Patient(
    "D-1002", "Yamada^Tarou=山田^太郎=やまだ^たろう", date(1954, 11, 2), "M", ["", "ISO 2022 IR 87"], 61, 1.65
)
MARIA = Patient("D-1003", "Иванова^Мария^Сергеевна", date(1978, 7, 23), "F", "ISO_IR 144", 70, 1.71)
FATIMA = Patient("D-1004", "الزهراء^فاطمة", date(1969, 1, 30), "F", "ISO_IR 127", 68, 1.6)
GEORGIOS = Patient("D-1005", "Παπαδόπουλος^Γεώργιος", date(1947, 9, 5), "M", "ISO_IR 126", 83, 1.74)
GILDONG = Patient("D-1006", "Hong^Gildong=洪^吉洞=홍^길동", date(1990, 5, 17), "M", ["", "ISO 2022 IR 149"], 74, 1.78)
XIAODONG = Patient("D-1007", "Wang^XiaoDong=王^小东", date(1958, 12, 8), "M", "GB18030", 69, 1.7)
#: As long as a component group can be: 64 characters.
HUBERT = Patient(
    "D-1008",
    "Wolfeschlegelsteinhausenbergerdorff^Hubert Blaine^Adolph Charles",
    date(1939, 2, 28),
    "M",
    "ISO_IR 192",
    90,
    1.81,
)

#: Families and given names of those who have small studies only.
FAMILIES = (
    "Andersson", "Bianchi", "Çelik", "Dvořák", "Eriksen", "Fernández", "Grønli", "Horváth", "Ibrahim", "Jansen",
    "Kowalski", "Lefèvre", "Mbeki", "Nguyễn", "O'Connor", "Pereira", "Quispe", "Rossi", "Schröder", "Țurcanu",
    "Ulvestad", "Vasquez", "Wójcik", "Yılmaz", "Žukauskas", "Ковалёв", "Шевченко", "Νικολάου", "田中", "김",
)  # fmt: skip
GIVEN = {
    "F": (
        "Ana",
        "Birgit",
        "Chloé",
        "Dilara",
        "Elena",
        "Fumiko",
        "Grace",
        "Hanna",
        "Inès",
        "Júlia",
        "Katarzyna",
        "Leyla",
    ),
    "M": ("Adam", "Björn", "Carlos", "David", "Emre", "François", "Gábor", "Hugo", "Ivan", "Jürgen", "Karim", "Luca"),
}
PHYSICIANS = (
    "Haus^Greta^^Dr.",
    "Meredith^Cole^^Dr.",
    "Okafor^Chidi^^Dr.",
    "Lindqvist^Astrid^^Prof.",
    "Santos^Rui^^Dr.",
)
