"""First lines of public data sets as R, seaborn, scikit-learn, UCI and pandas write them.

Each: the text; the columns that are points of the plane; the first point; and the same on the line,
if that is not the plane's first coordinate.
"""

from __future__ import annotations

from typing import NamedTuple


class Public(NamedTuple):
    text: str
    plane: tuple[str, str] | None
    first: tuple[float, float] | None
    line: str | None = None
    first_x: float | None = None
    asks: tuple[int, ...] = ()

    @property
    def on_the_line(self) -> tuple[str, float]:
        """The column that is the points of the line, and its first value."""
        if self.line is not None and self.first_x is not None:
            return self.line, self.first_x
        assert self.plane is not None
        assert self.first is not None
        return self.plane[0], self.first[0]


PUBLIC: dict[str, Public] = {
    "faithful, R": Public(
        '"","eruptions","waiting"\n"1",3.6,79\n"2",1.8,54\n"3",3.333,74\n',
        ("eruptions", "waiting"), (3.6, 79)),
    "iris, R": Public(
        '"","Sepal.Length","Sepal.Width","Petal.Length","Petal.Width","Species"\n'
        '"1",5.1,3.5,1.4,0.2,"setosa"\n"2",4.9,3,1.4,0.2,"setosa"\n"3",4.7,3.2,1.3,0.2,"setosa"\n',
        ("Sepal.Length", "Sepal.Width"), (5.1, 3.5)),
    "iris, seaborn": Public(
        "sepal_length,sepal_width,petal_length,petal_width,species\n"
        "5.1,3.5,1.4,0.2,setosa\n4.9,3.0,1.4,0.2,setosa\n",
        ("sepal_length", "sepal_width"), (5.1, 3.5)),
    "iris, UCI": Public(
        "5.1,3.5,1.4,0.2,Iris-setosa\n4.9,3.0,1.4,0.2,Iris-setosa\n4.7,3.2,1.3,0.2,Iris-setosa\n\n",
        ("", ""), (5.1, 3.5)),
    "iris, scikit-learn": Public(
        "150,4,setosa,versicolor,virginica\n5.1,3.5,1.4,0.2,0\n4.9,3.0,1.4,0.2,0\n",
        ("150", "4"), (5.1, 3.5)),
    "mtcars, R": Public(
        '"","mpg","cyl","disp","hp","drat","wt","qsec","vs","am","gear","carb"\n'
        '"Mazda RX4",21,6,160,110,3.9,2.62,16.46,0,1,4,4\n'
        '"Mazda RX4 Wag",21,6,160,110,3.9,2.875,17.02,0,1,4,4\n',
        ("mpg", "cyl"), (21, 6)),
    "mtcars, Rdatasets": Public(
        "rownames,mpg,cyl,disp,hp,drat,wt,qsec,vs,am,gear,carb\n"
        "Mazda RX4,21,6,160,110,3.9,2.62,16.46,0,1,4,4\n"
        "Datsun 710,22.8,4,108,93,3.85,2.32,18.61,1,1,4,1\n",
        ("mpg", "cyl"), (21, 6)),
    "mtcars, write.table": Public(
        '"mpg" "cyl" "disp" "hp"\n"Mazda RX4" 21 6 160 110\n"Datsun 710" 22.8 4 108 93\n',
        ("mpg", "cyl"), (21, 6)),
    "penguins, seaborn": Public(
        "species,island,bill_length_mm,bill_depth_mm,flipper_length_mm,body_mass_g,sex\n"
        "Adelie,Torgersen,39.1,18.7,181.0,3750.0,MALE\n"
        "Adelie,Torgersen,39.5,17.4,186.0,3800.0,FEMALE\nAdelie,Torgersen,,,,,\n",
        ("bill_length_mm", "bill_depth_mm"), (39.1, 18.7)),
    "penguins, palmerpenguins": Public(
        '"species","island","bill_length_mm","bill_depth_mm","flipper_length_mm","body_mass_g",'
        '"sex","year"\n"Adelie","Torgersen",39.1,18.7,181,3750,"male",2007\n'
        '"Adelie","Torgersen",NA,NA,NA,NA,NA,2007\n"Adelie","Biscoe",37.8,18.3,174,3400,"female",2007\n',
        ("bill_length_mm", "bill_depth_mm"), (39.1, 18.7)),
    "quakes, R": Public(
        '"","lat","long","depth","mag","stations"\n"1",-20.42,181.62,562,4.8,41\n'
        '"2",-20.62,181.03,650,4.2,15\n"3",-26,184.1,42,5.4,43\n',
        ("long", "lat"), (181.62, -20.42), "lat", -20.42),
    "trees, R": Public(
        '"","Girth","Height","Volume"\n"1",8.3,70,10.3\n"2",8.6,65,10.3\n"3",8.8,63,10.2\n',
        ("Girth", "Height"), (8.3, 70)),
    "cars, R": Public(
        '"","speed","dist"\n"1",4,2\n"2",4,10\n"3",7,4\n', ("speed", "dist"), (4, 2)),
    "airquality, R": Public(
        '"","Ozone","Solar.R","Wind","Temp","Month","Day"\n"1",41,190,7.4,67,5,1\n'
        '"2",36,118,8,72,5,2\n"5",NA,NA,14.3,56,5,5\n"6",28,NA,14.9,66,5,6\n',
        ("Ozone", "Solar.R"), (41, 190)),
    "titanic, seaborn": Public(
        "survived,pclass,sex,age,sibsp,parch,fare,embarked,class,who,adult_male,deck,embark_town,"
        "alive,alone\n0,3,male,22.0,1,0,7.25,S,Third,man,True,,Southampton,no,False\n"
        "1,1,female,38.0,1,0,71.2833,C,First,woman,False,C,Cherbourg,yes,False\n",
        ("survived", "pclass"), (0, 3)),
    "titanic, Kaggle": Public(
        "PassengerId,Survived,Pclass,Name,Sex,Age,SibSp,Parch,Ticket,Fare,Cabin,Embarked\n"
        '1,0,3,"Braund, Mr. Owen Harris",male,22,1,0,A/5 21171,7.25,,S\n'
        '2,1,1,"Cumings, Mrs. John Bradley (Florence Briggs Thayer)",female,38,1,0,PC 17599,'
        '71.2833,C85,C\n3,1,3,"Heikkinen, Miss. Laina",female,26,0,0,STON/O2. 3101282,7.925,,S\n',
        ("Survived", "Pclass"), (0, 3)),
    "diamonds, ggplot2": Public(
        "carat,cut,color,clarity,depth,table,price,x,y,z\n"
        "0.23,Ideal,E,SI2,61.5,55,326,3.95,3.98,2.43\n"
        "0.21,Premium,E,SI1,59.8,61,326,3.89,3.84,2.31\n",
        ("x", "y"), (3.95, 3.98)),
    "pima, UCI": Public(
        "6,148,72,35,0,33.6,0.627,50,1\n1,85,66,29,0,26.6,0.351,31,0\n8,183,64,0,0,23.3,0.672,32,1\n",
        ("", ""), (6, 148)),
    "pima, MASS": Public(
        '"","npreg","glu","bp","skin","bmi","ped","age","type"\n'
        '"1",5,86,68,28,30.2,0.364,24,"No"\n"2",7,195,70,33,25.1,0.163,55,"Yes"\n'
        '"3",5,77,82,41,35.8,0.156,35,"No"\n',
        ("npreg", "glu"), (5, 86)),
    "wine, UCI": Public(
        "1,14.23,1.71,2.43,15.6,127,2.8,3.06,.28,2.29,5.64,1.04,3.92,1065\n"
        "1,13.2,1.78,2.14,11.2,100,2.65,2.76,.26,1.28,4.38,1.05,3.4,1050\n",
        ("", ""), (1, 14.23)),
    "wine quality, UCI": Public(
        '"fixed acidity";"volatile acidity";"citric acid";"residual sugar";"quality"\n'
        "7.4;0.7;0;1.9;5\n7.8;0.88;0;2.6;5\n",
        ("fixed acidity", "volatile acidity"), (7.4, 0.7)),
    "gapminder": Public(
        "country,year,pop,continent,lifeExp,gdpPercap\n"
        "Afghanistan,1952,8425333,Asia,28.801,779.4453145\n"
        "Afghanistan,1957,9240934,Asia,30.332,820.8530296\n",
        ("year", "lifeExp"), (1952, 28.801)),
    "geyser, MASS": Public(
        '"","waiting","duration"\n"1",80,4.01666666666667\n"2",71,2.15\n"3",57,4\n',
        ("waiting", "duration"), (80, 4.016667)),
    "geyser, seaborn": Public(
        "duration,waiting,kind\n3.6,79,long\n1.8,54,short\n3.333,74,long\n",
        ("duration", "waiting"), (3.6, 79)),
    "tips, seaborn": Public(
        "total_bill,tip,sex,smoker,day,time,size\n16.99,1.01,Female,No,Sun,Dinner,2\n"
        "10.34,1.66,Male,No,Sun,Dinner,3\n",
        ("total_bill", "tip"), (16.99, 1.01)),
    "planets, seaborn": Public(
        "method,number,orbital_period,mass,distance,year\n"
        "Radial Velocity,1,269.3,7.1,77.4,2006\nRadial Velocity,1,874.774,2.21,56.95,2008\n",
        ("number", "orbital_period"), (1, 269.3)),
    "flights, seaborn": Public(
        "year,month,passengers\n1949,January,112\n1949,February,118\n",
        ("year", "passengers"), (1949, 112)),
    "mpg, seaborn": Public(
        "mpg,cylinders,displacement,horsepower,weight,acceleration,model_year,origin,name\n"
        "18.0,8,307.0,130.0,3504,12.0,70,usa,chevrolet chevelle malibu\n"
        "15.0,8,350.0,165.0,3693,11.5,70,usa,buick skylark 320\n",
        ("mpg", "cylinders"), (18, 8), asks=(1, 2)),
    "anscombe, seaborn": Public(
        "dataset,x,y\nI,10.0,8.04\nI,8.0,6.95\n", ("x", "y"), (10, 8.04)),
    "exercise, seaborn": Public(
        ",id,diet,pulse,time,kind\n0,1,low fat,85,1 min,rest\n1,1,low fat,85,15 min,rest\n"
        "2,1,low fat,88,30 min,rest\n",
        ("id", "pulse"), (1, 85), "pulse", 85),
    "fmri, seaborn": Public(
        "subject,timepoint,event,region,signal\ns13,18,stim,parietal,-0.017551581538\n"
        "s5,14,stim,parietal,-0.0808829319505\n",
        ("timepoint", "signal"), (18, -0.017552)),
    "attention, seaborn": Public(
        ",subject,attention,solutions,score\n0,1,divided,1,2.0\n1,2,divided,1,3.0\n2,3,divided,1,3.0\n",
        ("subject", "solutions"), (1, 1)),
    "women, R": Public(
        '"","height","weight"\n"1",58,115\n"2",59,117\n"3",60,120\n',
        ("height", "weight"), (58, 115), asks=(1,)),
    "ToothGrowth, R": Public(
        '"","len","supp","dose"\n"1",4.2,"VC",0.5\n"2",11.5,"VC",0.5\n"3",7.3,"VC",0.5\n',
        ("len", "dose"), (4.2, 0.5)),
    "PlantGrowth, R": Public(
        '"","weight","group"\n"1",4.17,"ctrl"\n"2",5.58,"ctrl"\n"3",5.18,"ctrl"\n',
        None, None, "weight", 4.17),
    "ChickWeight, R": Public(
        '"","weight","Time","Chick","Diet"\n"1",42,0,"1","1"\n"2",51,2,"1","1"\n"3",59,4,"1","1"\n',
        ("weight", "Time"), (42, 0), asks=(1, 2)),
    "pressure, R": Public(
        '"","temperature","pressure"\n"1",0,2e-04\n"2",20,0.0012\n"3",40,0.006\n',
        ("temperature", "pressure"), (0, 2e-4)),
    "LakeHuron, Rdatasets": Public(
        '"rownames","time","value"\n1,1875,580.38\n2,1876,581.86\n3,1877,580.97\n',
        ("time", "value"), (1875, 580.38), "value", 580.38),
    "USArrests, R": Public(
        '"","Murder","Assault","UrbanPop","Rape"\n"Alabama",13.2,236,58,21.2\n'
        '"Alaska",10,263,48,44.5\n',
        ("Murder", "Assault"), (13.2, 236)),
    "InsectSprays, R": Public(
        '"","count","spray"\n"1",10,"A"\n"2",7,"A"\n"3",20,"A"\n', None, None, "count", 10),
    "sleep, R": Public(
        '"","extra","group","ID"\n"1",0.7,"1","1"\n"2",-1.6,"1","2"\n"3",-0.2,"1","3"\n',
        ("extra", "group"), (0.7, 1)),
    "California housing": Public(
        "longitude,latitude,housing_median_age,total_rooms,ocean_proximity\n"
        "-122.23,37.88,41.0,880.0,NEAR BAY\n-122.22,37.86,21.0,7099.0,NEAR BAY\n",
        ("longitude", "latitude"), (-122.23, 37.88)),
    "auto-mpg, UCI": Public(
        '18.0   8   307.0      130.0      3504.      12.0   70  1\t"chevrolet chevelle malibu"\n'
        '15.0   8   350.0      165.0      3693.      11.5   70  1\t"buick skylark 320"\n',
        ("", ""), (18, 8)),
    "abalone, UCI": Public(
        "M,0.455,0.365,0.095,0.514,0.2245,0.101,0.15,15\nM,0.35,0.265,0.09,0.2255,0.0995,0.0485,0.07,7\n",
        ("", ""), (0.455, 0.365)),
    "earthquakes, USGS": Public(
        "time,latitude,longitude,depth,mag,magType,place\n"
        '2024-01-01T00:01:12.380Z,38.8145,-122.8045,2.1,1.05,md,"6 km WNW of Cobb, CA"\n'
        '2024-01-01T00:05:19.000Z,19.1998,-155.4757,32.9,2.28,md,"2 km W of Pāhala, Hawaii"\n',
        ("longitude", "latitude"), (-122.8045, 38.8145), "latitude", 38.8145),
    "AirPassengers, Kaggle": Public(
        '"Month","#Passengers"\n"1949-01",112\n"1949-02",118\n', None, None, "#Passengers", 112),
    "moons, pandas": Public(
        ",0,1\n0,0.5,1.5\n1,0.25,2.5\n2,-1.5,0.75\n", ("0", "1"), (0.5, 1.5)),
    "moons, pandas without an index": Public(
        "0,1\n0.5,1.5\n0.25,2.5\n", ("0", "1"), (0.5, 1.5)),
    "a spreadsheet in Germany": Public(
        "Datum;Wert;Menge\n01.02.2024;1.234,56;3,5\n02.02.2024;2.345,67;4,25\n",
        ("Wert", "Menge"), (1234.56, 3.5)),
    "a spreadsheet that says how": Public(
        "sep=;\nx;y;w\n0,5;1,5;2\n1,2;2,5;1\n", ("x", "y"), (0.5, 1.5)),
}  # fmt: skip
