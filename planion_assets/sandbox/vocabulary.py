"""The words of the sandbox: scientific fields, names of people, places and institutions.

Only word lists belong here, and the one shape that groups a field's words. How the words are put together
into titles and descriptions is in `wording.py`; who is made of which names is in `people.py`.

Every noun phrase of a field is singular or uncountable and written as in the middle of a sentence, so that
any template of `wording.py` takes any of them.
"""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Field:
    """One scientific field: what is studied, where, how, and what it is good for."""

    name: str
    phenomena: tuple[str, ...]
    systems: tuple[str, ...]
    methods: tuple[str, ...]
    outcomes: tuple[str, ...]


NEUROSCIENCE = Field(
    "Neural Circuits and Behavior",
    (
        "synaptic plasticity", "hippocampal replay", "cortical inhibition", "dopaminergic signaling",
        "dendritic integration", "predictive coding", "neurovascular coupling", "thalamic gating",
        "spike-timing variability", "microglial pruning", "gamma-band synchrony", "axonal transport",
        "sensory adaptation", "persistent activity",
    ),
    (
        "the developing visual cortex", "the aging hippocampus", "freely moving mice",
        "the primate prefrontal cortex", "songbird auditory pathways", "human cortical organoids",
        "the zebrafish hindbrain", "spinal motor circuits", "the rodent barrel cortex",
        "patients with focal epilepsy",
    ),
    (
        "two-photon calcium imaging", "high-density Neuropixels recording", "closed-loop optogenetics",
        "7T functional MRI", "connectomic reconstruction", "patch-seq profiling", "intracranial EEG",
        "computational modeling",
    ),
    (
        "memory consolidation", "flexible decision making", "motor learning", "chronic pain",
        "sleep homeostasis", "recovery after stroke", "social recognition", "speech perception",
    ),
)  # fmt: skip

GENOMICS = Field(
    "Genomics and Gene Regulation",
    (
        "chromatin remodeling", "alternative splicing", "somatic mosaicism", "enhancer evolution",
        "DNA methylation", "structural variation", "transposon silencing", "X-chromosome inactivation",
        "polygenic adaptation", "mRNA decay", "telomere maintenance", "genomic imprinting",
        "horizontal gene transfer",
    ),
    (
        "early mammalian embryos", "admixed human populations", "polyploid crops",
        "regenerating axolotl limbs", "tumor-infiltrating lymphocytes", "drug-tolerant yeast",
        "ancient horse remains", "pancreatic islets", "the maternal germline", "wild Arabidopsis accessions",
    ),
    (
        "single-cell ATAC-seq", "long-read nanopore sequencing", "CRISPR base editing",
        "spatial transcriptomics", "Mendelian randomization", "massively parallel reporter assay screening",
        "pangenome graph alignment", "deep generative modeling",
    ),
    (
        "rare disease diagnosis", "cell fate commitment", "drug resistance", "crop resilience",
        "cancer evolution", "healthy longevity", "population history", "variant interpretation",
    ),
)  # fmt: skip

METABOLISM = Field(
    "Obesity, Nutrition and Metabolism",
    (
        "adipose tissue inflammation", "incretin signaling", "hepatic lipid accumulation",
        "brown fat thermogenesis", "gut microbial fermentation", "leptin resistance",
        "circadian misalignment", "insulin sensitivity", "reward-driven eating", "metabolic adaptation",
        "weight stigma", "bile acid signaling", "early-life adversity",
    ),
    (
        "adolescents with severe obesity", "rural primary care", "postmenopausal women", "shift workers",
        "patients after sleeve gastrectomy", "Hispanic and Latino communities", "diet-induced obese mice",
        "school-age children", "adults with type 2 diabetes", "safety-net hospitals",
    ),
    (
        "continuous glucose monitoring", "doubly labeled water", "stepped-wedge trial design",
        "ecological momentary assessment", "stable isotope tracing", "dual GLP-1 and GIP agonism",
        "time-restricted eating", "shared decision making",
    ),
    (
        "long-term weight maintenance", "cardiovascular risk reduction", "food security",
        "appetite regulation", "kidney function", "health equity", "physical activity", "quality of life",
    ),
)  # fmt: skip

CLIMATE = Field(
    "Climate, Ocean and Atmosphere",
    (
        "marine heatwave intensification", "permafrost thaw", "aerosol-cloud interaction",
        "ice shelf thinning", "monsoon variability", "ocean deoxygenation", "wildfire smoke transport",
        "atmospheric river landfall", "coastal upwelling", "soil carbon turnover", "polar amplification",
        "groundwater depletion",
    ),
    (
        "the Southern Ocean", "the Arctic boreal zone", "the Sahel", "Andean headwaters",
        "the tropical Pacific", "semi-arid grasslands", "the Bay of Bengal", "mid-latitude storm tracks",
        "Greenland's outlet glaciers", "densely built coastal cities",
    ),
    (
        "satellite gravimetry", "eddy covariance", "large-ensemble simulation",
        "autonomous float observation", "speleothem dating", "data assimilation",
        "machine-learned downscaling", "distributed acoustic sensing",
    ),
    (
        "seasonal forecasting", "flood preparedness", "carbon budgeting", "fisheries management",
        "urban heat relief", "drought early warning", "sea level planning", "renewable energy siting",
    ),
)  # fmt: skip

ECOLOGY = Field(
    "Ecology and Evolution",
    (
        "trophic rewilding", "pollinator decline", "host-parasite coevolution", "range expansion",
        "niche partitioning", "seed dispersal", "phenological mismatch", "coral bleaching", "kin recognition",
        "mycorrhizal exchange", "invasive species spread", "collective foraging",
    ),
    (
        "alpine meadows", "Caribbean reefs", "fragmented Atlantic forest", "urban green corridors",
        "kelp forests", "African savannas", "temperate streams", "island bird communities",
        "restored wetlands", "old-growth canopies",
    ),
    (
        "environmental DNA metabarcoding", "GPS biologging", "passive acoustic monitoring",
        "drone-based lidar", "common garden experimentation", "community-led science",
        "hierarchical Bayesian modeling", "stable isotope analysis",
    ),
    (
        "ecosystem resilience", "conservation planning", "pest control", "species recovery",
        "disease spillover", "habitat connectivity", "adaptive management", "biodiversity finance",
    ),
)  # fmt: skip

MATERIALS = Field(
    "Materials and Energy",
    (
        "interfacial charge transfer", "grain boundary migration", "ion intercalation",
        "topological superconductivity", "dendrite suppression", "photocatalytic water splitting",
        "strain-induced ferroelectricity", "polymer self-assembly", "phonon scattering",
        "hydrogen embrittlement", "exciton diffusion", "surface passivation",
    ),
    (
        "perovskite tandem cells", "solid-state batteries", "two-dimensional heterostructures",
        "high-entropy alloys", "metal-organic frameworks", "recycled polyolefins", "low-carbon cement",
        "soft robotic actuators", "silicon quantum dots", "porous carbon electrodes",
    ),
    (
        "operando X-ray diffraction", "cryogenic electron microscopy", "density functional theory",
        "autonomous experimentation", "neutron scattering", "terahertz spectroscopy", "atom probe tomography",
        "high-throughput screening",
    ),
    (
        "grid-scale storage", "circular manufacturing", "fast charging", "green hydrogen",
        "neuromorphic computing", "carbon capture", "implant durability", "quantum sensing",
    ),
)  # fmt: skip

FIRST_NAMES = (
    "Amara", "Benedikt", "Chiara", "Daniel", "Elif", "Farah", "Gustavo", "Hannah", "Ingrid", "Joaquín",
    "Keiko", "Liam", "Mei", "Nikhil", "Olumide", "Priya", "Quentin", "Rosalind", "Søren", "Tamika", "Ulrich",
    "Valentina", "Wanjiru", "Xiaoyu", "Yusuf", "Zofia", "Andrés", "Beatriz", "Caleb", "Deborah", "Emeka",
    "Françoise", "Grace", "Hiroshi", "Isabel", "Jamal", "Katarzyna", "Leila", "Marcus", "Noor", "Oksana",
    "Patrick", "Renata", "Sanjay", "Teresa", "Victor", "Willem", "Yael",
)  # fmt: skip

LAST_NAMES = (
    "Abebe", "Andersen", "Barzani", "Bellweather", "Castellanos", "Chaudhry", "Dubois", "Ekström",
    "Feldstein", "Fitzgerald", "García-Ruiz", "Grünwald", "Haddad", "Hallström", "Ibarra", "Ivanova",
    "Jankowski", "Kaplan", "Kimura", "Kowalczyk", "Lindqvist", "Liu", "MacAllister", "Mbeki", "Mendoza",
    "Moreau", "Nakagawa", "Nguyen", "O'Connell", "Okonkwo", "Osei", "Park", "Petrov", "Quispe", "Ramaswamy",
    "Rossi", "Sandoval", "Schneider", "Silva", "Tanaka", "Thibault", "Tran", "Uwimana", "van der Berg",
    "Vasquez", "Whitcombe", "Wójcik", "Yilmaz", "Zhang", "Zimmerman",
)  # fmt: skip

# Institution, city, state or province, country. Made up, so that no entry speaks about a real place of work.
INSTITUTIONS = (
    ("Northfield Institute of Technology", "Northfield", "MA", "USA"),
    ("Lakeshore University School of Medicine", "Lakeshore", "IL", "USA"),
    ("University of Cascadia", "Port Ellery", "WA", "USA"),
    ("St. Brendan's Teaching Hospital", "Dunmore", "", "Ireland"),
    ("Universidad del Valle Alto", "Valle Alto", "", "Colombia"),
    ("Rheinfeld Max-Institut für Biophysik", "Rheinfeld", "", "Germany"),
    ("Université de Montclair", "Montclair", "QC", "Canada"),
    ("Kitayama Research University", "Kitayama", "", "Japan"),
    ("Desert Ridge Children's Hospital", "Desert Ridge", "AZ", "USA"),
    ("University of East Pemberton", "East Pemberton", "", "United Kingdom"),
    ("Instituto Atlântico de Ciências", "Porto Sereno", "", "Brazil"),
    ("Savanna Centre for Health Research", "Nyeri Hills", "", "Kenya"),
    ("Harbor & Wells Biosciences", "South Harbor", "CA", "USA"),
    ("National Laboratory for Earth Systems", "Red Mesa", "CO", "USA"),
    ("Haldenberg Polytechnic", "Haldenberg", "", "Switzerland"),
    ("Southern Cross University Hospital", "Kurrabee", "NSW", "Australia"),
)

# Position, and the honorifics that go with it.
POSITIONS = (
    ("Professor", ("Prof.", "Dr.")),
    ("Associate Professor", ("Prof.", "Dr.")),
    ("Assistant Professor", ("Dr.",)),
    ("Postdoctoral Fellow", ("Dr.", "Dr.", "")),
    ("Graduate Student", ("Ms.", "Mr.", "")),
    ("Research Scientist", ("Dr.", "")),
    ("Principal Investigator", ("Prof.", "Dr.")),
    ("Clinical Director", ("Dr.",)),
    ("Program Officer", ("Dr.", "Ms.", "Mr.")),
    ("Department Chair", ("Prof.",)),
    ("Registered Dietitian", ("Ms.", "Mr.", "")),
)
